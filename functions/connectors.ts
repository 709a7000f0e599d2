import type { Connector } from '../shared/connectors/connector.ts';
import { connector as hubspot } from '../shared/connectors/hubspot/index.ts';
import { connector as paypal } from '../shared/connectors/paypal/index.ts';
import { connector as square } from '../shared/connectors/square/index.ts';
import { connector as stripe } from '../shared/connectors/stripe/index.ts';
import { connector as tessitura } from '../shared/connectors/tessitura/index.ts';

/** Every vendor that can be connected, for the operator's tools. */
export const connectors: readonly Connector[] = [hubspot, paypal, square, stripe, tessitura];
