import type { PaymentProvider } from '../../shared/connectors/payment-provider.ts';
import { paypalProvider } from '../../shared/connectors/paypal/index.ts';
import { squareProvider } from '../../shared/connectors/square/index.ts';
import { stripeProvider } from '../../shared/connectors/stripe/index.ts';
import type { Routing } from './payment.ts';

/** Somebody who is paid through the hub: a club, a shop. None sees anything of another. */
export interface Merchant {
  /** Part of API keys, documents and reports; never changed. */
  readonly id: string;
  readonly title: string;
  /** In the order in which they are tried. */
  readonly providers: readonly PaymentProvider[];
  /** When another provider may be tried: never, on proof that no money moved, or while there can only be holds. */
  readonly failover: Routing['failover'];
  /** What a soft decline leads to. */
  readonly softDecline: Routing['softDecline'];
  /** How long after it was asked for a payment may still be made, if the request does not say. */
  readonly payableMinutes: number;
  /** Pages when nobody has paid for so long, between these hours of its own day; absent = payments come when they come. */
  readonly expects?: { everyMinutes: number; between: readonly [from: string, to: string]; timeZone: string };
}

/** Who is paid here, and through whom. */
export interface Site {
  readonly merchants: readonly Merchant[];
}

const stripe = stripeProvider('main');
const paypal = paypalProvider('main');
const square = squareProvider('main');

/** Change it for your own clubs and accounts; everything else reads it. */
export const usualSite: Site = {
  merchants: [
    {
      id: 'riverside',
      title: 'Riverside Football Club',
      providers: [stripe, paypal],
      failover: 'hold',
      softDecline: 'next',
      payableMinutes: 60,
      expects: { everyMinutes: 240, between: ['08:00', '22:00'], timeZone: 'Europe/London' },
    },
    {
      id: 'northgate',
      title: 'Northgate Swimming',
      providers: [square, paypal, stripe],
      failover: 'proof',
      softDecline: 'stop',
      payableMinutes: 60,
    },
  ],
};

export function merchantOf(site: Site, id: string): Merchant | undefined {
  return site.merchants.find((each) => each.id === id);
}
