import { isTimeZone } from '../values/instant.ts';
import type { Collection, FlowDefinition } from './flow.ts';
import type { Millis } from './ports.ts';

/** An alarm's whole text must fit 1,024 characters, so what people write into it is bounded. */
const MOST_IMPACT = 400;

type Check = (flow: FlowDefinition) => string | undefined;

const CHECKS: readonly Check[] = [
  ({ name }) =>
    /^[a-z][a-z0-9-]{1,39}$/.test(name) ? undefined : 'name must be kebab-case, 2 to 40 characters',
  (flow) =>
    texts(flow)
      .find(([, text]) => text.trim() === '')?.[0]
      .concat(' must not be empty'),
  ({ whenItBreaks: { impact } }) =>
    impact.length > MOST_IMPACT
      ? `whenItBreaks.impact must be at most ${MOST_IMPACT} characters: it stands in every alarm`
      : undefined,
  ({ whenItBreaks: { retryHorizonHours } }) =>
    within(
      retryHorizonHours,
      0.1,
      336,
      'whenItBreaks.retryHorizonHours',
      'a queue keeps messages for 14 days',
    ),
  ({ whenItBreaks: { maxAttempts } }) => within(maxAttempts, 1, 100, 'whenItBreaks.maxAttempts'),
  ({ whenItBreaks: { removals } }) =>
    within(removals.share, 0, 1, 'whenItBreaks.removals.share', 'a share, not a percentage'),
  ({ whenItBreaks: { removals } }) => within(removals.atLeast, 0, 1e9, 'whenItBreaks.removals.atLeast'),
  ({ whenItBreaks: { changes } }) =>
    within(changes.share, 0, 1, 'whenItBreaks.changes.share', 'a share, not a percentage'),
  ({ whenItBreaks: { changes } }) => within(changes.atLeast, 0, 1e9, 'whenItBreaks.changes.atLeast'),
  ({ howOften }) => within(howOften.scanEveryMinutes, 1, 1_440, 'howOften.scanEveryMinutes'),
  ({ howOften }) =>
    /^([01]\d|2[0-3]):[0-5]\d$/.test(howOften.audit.dailyAt)
      ? undefined
      : 'howOften.audit.dailyAt must be HH:MM',
  ({ howOften }) =>
    isTimeZone(howOften.audit.timeZone)
      ? undefined
      : 'howOften.audit.timeZone must be an IANA time zone such as Europe/London',
  ({ expects, howOften }) =>
    expects.heartbeatMinutes >= 2 * howOften.scanEveryMinutes
      ? undefined
      : 'expects.heartbeatMinutes must be at least twice howOften.scanEveryMinutes, or every slow scan pages',
  ({ expects }) => within(expects.oldestMinutes, 1, 20_160, 'expects.oldestMinutes'),
  ({ collections }) =>
    new Set(collections.map(({ name }) => name)).size < collections.length
      ? 'two collections have the same name'
      : undefined,
];

/** What types cannot say, in the order a reader would mend it; `lease` is how long a claim of a collection lasts. */
export function firstProblem(flow: FlowDefinition, lease: (of: Collection) => Millis): string | undefined {
  for (const check of CHECKS) {
    const problem = check(flow);
    if (problem) return problem;
  }
  for (const collection of flow.collections) {
    const problem = collectionProblem(collection, lease(collection));
    if (problem) return `collection "${collection.name}": ${problem}`;
  }
  return undefined;
}

function collectionProblem(collection: Collection, lease: Millis): string | undefined {
  const { name, source, target, owns, whenGone, whenAbsent } = collection;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return 'its name must be kebab-case: it is part of links and URLs';
  if (owns.length === 0) return 'owns must name the fields that the flow sets';
  for (const [side, { batchSize, readLag }] of Object.entries({ source, target })) {
    const problem =
      within(batchSize, 1, 100_000, `${side}.batchSize`) ??
      within(readLag, 0, 3_600_000, `${side}.readLag`, 'milliseconds');
    if (problem) return problem;
  }
  const late = within(target.lateness, 0, 3_600_000, 'target.lateness', 'milliseconds');
  if (late) return late;
  if (lease > 3_600_000) return 'a lease of over an hour; check target.lateness and readLag (milliseconds)';
  if (whenGone === 'merge' || whenAbsent === 'merge')
    return 'only whenMerged can be `merge`: elsewhere nothing says with what';
  return backProblem(collection);
}

function backProblem({ back, owns, target }: Collection): string | undefined {
  if (!back) return undefined;
  const stray = Object.keys(back.fields).find((name) => !owns.includes(name));
  if (stray !== undefined) return `back.fields names "${stray}", which is not among the fields it owns`;
  if (!target.identify) return 'back needs a target that can identify its records (Target.identify)';
  return within(back.writer.lateness, 0, 3_600_000, 'back.writer.lateness', 'milliseconds');
}

function texts({ title, moves, whenItBreaks, whoIsPaged, whereToLook }: FlowDefinition): [string, string][] {
  return [
    ['title', title],
    ['moves.what', moves.what],
    ['moves.from', moves.from],
    ['moves.to', moves.to],
    ['whenItBreaks.impact', whenItBreaks.impact],
    ['whenItBreaks.parks', whenItBreaks.parks],
    ['whoIsPaged.owner', whoIsPaged.owner],
    ['whereToLook.runbook', whereToLook.runbook],
  ];
}

/** Also refuses what is not a number at all. */
function within(
  value: number,
  least: number,
  most: number,
  ...[field, why]: [string, string?]
): string | undefined {
  if (value >= least && value <= most) return undefined;
  return `${field} must be between ${least} and ${most}${why === undefined ? '' : ` (${why})`}`;
}
