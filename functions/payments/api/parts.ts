import type * as z from 'zod';
import type { FiledDocuments } from '../../../shared/engine/filing.ts';
import type { Page } from '../../../shared/engine/ports.ts';
import type { ServicePorts, ServiceWork } from '../../../shared/engine/service.ts';
import type { Hub } from '../advance.ts';
import type { CircuitBoard } from '../circuit-board.ts';
import type { Merchant, Site } from '../site.ts';

/** How much of a list, and after which place in it. */
export interface Cut {
  limit: number;
  after?: string;
}

/** Reports that compare the hub's books with the providers', per merchant. */
export interface Reconciliations {
  /** What the list holds of each, and a whole one; the API's document describes them by these. */
  readonly summary: z.ZodType;
  readonly report: z.ZodType;
  listReconciliations(documents: FiledDocuments, merchant: string, cut: Cut): Promise<Page<unknown>>;
  /** Undefined when this merchant has no such report. */
  getReconciliation(documents: FiledDocuments, merchant: string, id: string): Promise<unknown>;
  reconciliationCsv(documents: FiledDocuments, merchant: string, id: string): Promise<string | undefined>;
}

/** What payers contested, per merchant. */
export interface Disputes {
  readonly dispute: z.ZodType;
  listDisputes(documents: FiledDocuments, merchant: string, cut: Cut): Promise<Page<unknown>>;
  /** Undefined when this merchant has no such dispute. */
  getDispute(documents: FiledDocuments, merchant: string, id: string): Promise<unknown>;
}

/** What the API is made of. */
export interface ApiParts {
  ports: ServicePorts;
  site: Site;
  hubOf(merchant: Merchant, work: ServiceWork): Hub;
  circuits: CircuitBoard;
  reconciliations: Reconciliations;
  disputes: Disputes;
}
