import type { Connector } from '../shared/connectors/connector.ts';
import { connector as hubspot } from '../shared/connectors/hubspot/index.ts';
import { connector as tessitura } from '../shared/connectors/tessitura/index.ts';

/** Every vendor that can be connected, for the operator's tools. */
export const connectors: readonly Connector[] = [hubspot, tessitura];
