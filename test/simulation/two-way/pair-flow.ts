import type { Fields } from '../../../shared/engine/fields.ts';
import { pickFields } from '../../../shared/engine/fields.ts';
import type { EndPolicy, Flow } from '../../../shared/engine/flow.ts';
import type { Back, Edited } from '../../../shared/engine/pair.ts';
import type { WebhookChange } from '../../../shared/engine/webhook.ts';
import type { Code } from '../code.ts';
import { THINGS } from '../records.ts';
import { account } from '../sim-account.ts';
import { simAnswers, WebhookSchema } from '../sim-flow.ts';
import type { Weights } from '../weights.ts';
import { type LeftRecord, leftSource, leftWriter } from './left-source.ts';
import type { TwoWay } from './mode.ts';
import { FIELDS, RULES } from './pair-fields.ts';
import { rightTarget } from './right-target.ts';

/** The field of a guarded record that we may not write at the left side. */
const GUARDED = 'nick';

export interface PairFlowOptions {
  twoWay: TwoWay;
  whenDeleted: Back['whenDeleted'];
  /** What becomes of the right side's record of one that was merged away at the left. */
  whenMerged: EndPolicy;
  /** Left records of which one field waits for a person. */
  guarded: ReadonlySet<string>;
  /** There is something by which somebody who was erased is recognised. */
  identified: boolean;
}

/** In front of the ids that the right side's webhook carries. */
export const AT_RIGHT = '@';
/** The same where the record was erased on request. */
export const ERASED_AT_RIGHT = '!@';

/** The simulated pair's flow: one collection with a way back. */
export function pairFlow(code: Code, weights: Weights, options: PairFlowOptions): Flow {
  const { twoWay } = options;
  const collection = code.flow.defineCollection<LeftRecord>({
    name: THINGS,
    source: leftSource(code, weights, twoWay),
    target: rightTarget(code, weights, twoWay),
    map: (record) => ({ kind: 'present', fields: record.fields }),
    owns: FIELDS,
    whenGone: 'remove',
    whenMerged: options.whenMerged,
    whenAbsent: 'remove',
    back: wayBack(code, weights, options),
  });
  return code.flow.defineFlow({
    ...simAnswers,
    title: 'Simulated pair',
    moves: { what: 'things', from: 'left', to: 'right', direction: 'two-way' },
    collections: [collection],
    webhooks: {
      changes: {
        account: account('source', weights),
        methods: ['POST'],
        read: async (_session, request) => {
          const { ids } = WebhookSchema.parse(JSON.parse(new TextDecoder().decode(request.body)));
          const changes = ids.map(changeOf);
          return { kind: 'accepted', changes, ignored: 0 };
        },
      },
    },
  });
}

function changeOf(id: string): WebhookChange {
  if (id.startsWith(ERASED_AT_RIGHT))
    return { ...changeOf(AT_RIGHT + id.slice(ERASED_AT_RIGHT.length)), erased: true };
  if (id.startsWith(AT_RIGHT)) return { collection: THINGS, id: id.slice(AT_RIGHT.length), atTarget: true };
  return { collection: THINGS, id };
}

function wayBack(code: Code, weights: Weights, options: PairFlowOptions): Back<LeftRecord, Fields> {
  return {
    fields: RULES,
    history: (record) => record.history,
    edit: (record, changed) => edited(changed, options.guarded.has(record.id)),
    writer: leftWriter(code, weights),
    identity: ({ email }) => (options.identified && typeof email === 'string' ? [email] : []),
    whenNew: 'match',
    whenDeleted: options.whenDeleted,
  };
}

function edited(changed: Fields, guarded: boolean): Edited<Fields> {
  const names = Object.keys(changed).filter((name) => !(guarded && name === GUARDED));
  const items =
    names.length < Object.keys(changed).length
      ? [{ field: GUARDED, because: 'only a person may change it' }]
      : [];
  return names.length === 0 ? { items } : { edit: pickFields(changed, names), items };
}
