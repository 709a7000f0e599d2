import type { Ports } from '../../engine/ports.ts';

/** Records of one collection to be planned by another definition. */
export interface OtherPlan {
  flow: string;
  collection: string;
  ids: readonly string[];
}

/** The flow definitions of other git refs. */
export interface OtherMappings {
  /** Throws a Problem that says why that ref cannot be used. */
  plan(ports: Ports, ref: string, of: OtherPlan): Promise<readonly unknown[]>;
}
