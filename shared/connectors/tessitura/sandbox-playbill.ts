import { SEASONS } from './sandbox-calendar.ts';
import { pick } from './sandbox-dice.ts';

const RUN = 14;
const EXHIBITION = 91;
const TITLES = ['Così fan tutte', 'Hamlet', 'Swan Lake', 'The Cherry Orchard', 'Winterreise', 'Oklahoma!'];
const EXHIBITIONS = ['Stage Machines', 'Costumes of the Opéra', 'Masks', 'Posters 1890–1930'];

export const SHOW_TYPES = { evening: entity(1, 'Performance'), timed: entity(5, 'Timed Entry') };
export const SHOW_STATUS = { open: entity(1, 'Available'), cancelled: entity(4, 'Cancelled') };

/** What is on: evenings run for a fortnight, the exhibition changes every 91 days. */
export interface Billing {
  Id: number;
  Description: string;
  Production: { Id: number; Description: string };
  Season: { Id: number; Description: string; FYear: number; Inactive: boolean };
  firstDay: number;
  days: number;
  timed: boolean;
}

/** The production season that a day (since 1970) belongs to, on the stage or in the exhibition. */
export function billingOf(day: number, timed: boolean): Billing {
  const days = timed ? EXHIBITION : RUN;
  const turn = Math.max(0, Math.floor((day - SEASONS.from) / days));
  const titles = timed ? EXHIBITIONS : TITLES;
  const firstDay = SEASONS.from + turn * days;
  const FYear = new Date(firstDay * 86_400_000).getUTCFullYear();
  const Description = pick(titles, turn);
  return {
    Id: (timed ? 5_000 : 3_000) + turn,
    Description,
    Production: entity((timed ? 500 : 300) + (turn % titles.length), Description),
    Season: { ...entity(FYear - 2_000, `Season ${FYear}`), FYear, Inactive: false },
    firstDay,
    days,
    timed,
  };
}

/** By its id; undefined where nothing is on. */
export function billingById(id: number): Billing | undefined {
  const timed = id >= 5_000;
  const day = SEASONS.from + (id - (timed ? 5_000 : 3_000)) * (timed ? EXHIBITION : RUN);
  return day >= SEASONS.from && day < SEASONS.from + SEASONS.days ? billingOf(day, timed) : undefined;
}

/** All of them that are on at some time of the window of days. */
export function billingsBetween(from: number, to: number): Billing[] {
  const all = [false, true].flatMap((timed) => {
    const days = timed ? EXHIBITION : RUN;
    const count = Math.ceil(SEASONS.days / days);
    return Array.from({ length: count }, (_, turn) => billingOf(SEASONS.from + turn * days, timed));
  });
  return all.filter(({ firstDay, days }) => firstDay <= to && firstDay + days > from);
}

function entity(Id: number, Description: string) {
  return { Id, Description };
}
