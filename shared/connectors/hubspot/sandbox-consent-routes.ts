import type { Context } from 'hono';
import * as z from 'zod';
import { type Decision, sourceWords } from './sandbox-consents.ts';
import { bodyOf, errorBody, json, Refusal, validation } from './sandbox-replies.ts';
import { actOf } from './sandbox-rules.ts';
import type { Topic } from './sandbox-topics.ts';
import type { World } from './sandbox-world.ts';

const LEGAL_BASES = [
  'LEGITIMATE_INTEREST_PQL',
  'LEGITIMATE_INTEREST_CLIENT',
  'PERFORMANCE_OF_CONTRACT',
  'CONSENT_WITH_NOTICE',
  'NON_GDPR',
  'PROCESS_AND_STORE',
  'LEGITIMATE_INTEREST_OTHER',
] as const;
const BasisSchema = {
  legalBasis: z.enum(LEGAL_BASES).optional(),
  legalBasisExplanation: z.string().optional(),
};
const StatusSchema = z.object({
  subscriptionId: z.coerce.number().int(),
  statusState: z.enum(['SUBSCRIBED', 'UNSUBSCRIBED', 'NOT_SPECIFIED']),
  channel: z.literal('EMAIL'),
  ...BasisSchema,
});
const BatchSchema = z.object({
  inputs: z.array(StatusSchema.extend({ subscriberIdString: z.email() })).max(100),
});
const LegacySchema = z.object({
  emailAddress: z.string(),
  subscriptionId: z.coerce.number().int(),
  ...BasisSchema,
});

/** The account's topics; the dated versions call the list `results`. */
export function listDefinitions(world: World, context: Context): Response {
  const at = new Date(0).toISOString();
  const all = world.consents.topics.map(({ id, name, description }) => ({
    id: String(id),
    name,
    description,
    purpose: 'Marketing',
    communicationMethod: 'Email',
    isActive: true,
    isDefault: false,
    isInternal: false,
    createdAt: at,
    updatedAt: at,
  }));
  if (context.req.path.includes('/v3/')) return json({ subscriptionDefinitions: all });
  return json(complete(world, all));
}

/** How an address stands to every topic. */
export function readStatuses(world: World, context: Context): Response {
  const email = emailOf(context);
  return json(
    complete(
      world,
      world.consents.topics.map((topic) => status(world, email, topic)),
    ),
  );
}

/** Sets one topic; tells in `setStatusSuccessReason` whether that changed anything. */
export async function writeStatus(world: World, context: Context): Promise<Response> {
  const email = emailOf(context, false);
  const {
    subscriptionId,
    statusState: state,
    legalBasis,
    legalBasisExplanation,
  } = await bodyOf(context, StatusSchema);
  const topic = topicOf(world, subscriptionId);
  if (state === 'SUBSCRIBED') checkBasis(world, legalBasis);
  const before = world.consents.of(email, topic)?.state ?? 'NOT_SPECIFIED';
  const { author } = actOf(world, context);
  if (before !== state)
    world.consents.decide(email, topic, { state, author, legalBasis, legalBasisExplanation });
  const setStatusSuccessReason = reasonOf(before, state);
  return json(complete(world, [{ ...status(world, email, topic), setStatusSuccessReason }]));
}

/** Many at once; one that is refused is an error item, and the others are done. */
export async function writeStatuses(world: World, context: Context): Promise<Response> {
  const { inputs } = await bodyOf(context, BatchSchema);
  const { author } = actOf(world, context);
  const results: unknown[] = [];
  const errors: unknown[] = [];
  for (const { subscriberIdString: email, subscriptionId, statusState: state, ...basis } of inputs) {
    try {
      const topic = topicOf(world, subscriptionId);
      if (state === 'SUBSCRIBED') checkBasis(world, basis.legalBasis);
      const before = world.consents.of(email, topic)?.state ?? 'NOT_SPECIFIED';
      if (before !== state) world.consents.decide(email, topic, { state, author, ...basis });
      results.push({
        ...status(world, email, topic),
        setStatusSuccessReason: reasonOf(before, state),
      });
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      errors.push({ ...thrown.body, context: { subscriberIdString: [email] } });
    }
  }
  const failed = errors.length > 0 ? { errors, numErrors: errors.length } : {};
  return json({ ...complete(world, results), ...failed });
}

/** Empty for an address that has not opted out of everything. */
export function readGlobal(world: World, context: Context): Response {
  const email = emailOf(context);
  return json(complete(world, globalStatus(world, email)));
}

/** Opts an address out of everything. */
export function writeGlobal(world: World, context: Context): Response {
  const email = emailOf(context);
  world.consents.denyAll(email, actOf(world, context).author);
  if (context.req.query('verbose') !== 'true') return json(complete(world, globalStatus(world, email)));
  const reason = { setStatusSuccessReason: 'UNSUBSCRIBE_FROM_ALL_OCCURRED' };
  const all = world.consents.topics.map((topic) => ({ ...status(world, email, topic), ...reason }));
  return json(complete(world, all));
}

/** The v3 form of the statuses. */
export function readLegacy(world: World, context: Context): Response {
  const email = context.req.param('email') ?? '';
  const subscriptionStatuses = world.consents.topics.map((topic) => legacy(world, email, topic));
  return json({ recipient: email, subscriptionStatuses });
}

/** v3 never subscribes again who has opted out. */
export async function writeLegacy(world: World, context: Context): Promise<Response> {
  const { emailAddress, subscriptionId, ...basis } = await bodyOf(context, LegacySchema);
  const topic = topicOf(world, subscriptionId);
  const wanted = context.req.path.endsWith('/unsubscribe') ? 'UNSUBSCRIBED' : 'SUBSCRIBED';
  const held = world.consents.of(emailAddress, topic)?.state;
  if (held === wanted)
    throw validation(`${emailAddress} is already ${wanted.toLowerCase()} for ${topic.name}`);
  if (wanted === 'SUBSCRIBED') {
    if (held === 'UNSUBSCRIBED') throw validation(`${emailAddress} has opted out of ${topic.name}`);
    checkBasis(world, basis.legalBasis);
  }
  world.consents.decide(emailAddress, topic, {
    state: wanted,
    author: actOf(world, context).author,
    ...basis,
  });
  return json(legacy(world, emailAddress, topic));
}

/** The topic, or the refusal of an id that the account lacks. */
export function topicOf(world: World, id: number): Topic {
  const topic = world.consents.topics.find((each) => each.id === id);
  if (topic) return topic;
  const category = { category: 'VALIDATION_ERROR', subCategory: 'SubscriptionError.INVALID_SUBSCRIPTION_ID' };
  throw new Refusal(400, errorBody(`There is no subscription type ${id} in this account`, category));
}

function emailOf(context: Context, needsChannel = true): string {
  if (needsChannel && context.req.query('channel') !== 'EMAIL') throw validation('channel must be EMAIL');
  const email = context.req.param('email') ?? '';
  if (!email.includes('@')) throw validation(`${email} is not an email address`);
  return email;
}

function checkBasis(world: World, legalBasis: string | undefined): void {
  if (world.on.has('data-privacy') && legalBasis === undefined)
    throw validation('legalBasis is required while data privacy settings are turned on');
}

function status(world: World, email: string, topic: Topic): Record<string, unknown> {
  const decision = world.consents.of(email, topic);
  return {
    channel: 'EMAIL',
    subscriberIdString: email,
    subscriptionId: topic.id,
    subscriptionName: topic.name,
    status: decision?.state ?? 'NOT_SPECIFIED',
    source: decision ? sourceWords(decision) : '',
    timestamp: new Date(decision?.at ?? 0).toISOString(),
    ...basisOf(decision),
  };
}

function legacy(world: World, email: string, { id, name, description }: Topic): Record<string, unknown> {
  const decision = world.consents.of(email, { id, name, description });
  const isGlobal = world.consents.global(email) !== undefined;
  return {
    id: String(id),
    name,
    description,
    status: decision?.state === 'SUBSCRIBED' ? 'SUBSCRIBED' : 'NOT_SUBSCRIBED',
    sourceOfStatus: isGlobal ? 'PORTAL_WIDE_STATUS' : 'SUBSCRIPTION_STATUS',
    ...basisOf(decision),
  };
}

function basisOf(decision: Decision | undefined): Record<string, unknown> {
  const { legalBasis, legalBasisExplanation } = decision ?? {};
  return {
    ...(legalBasis !== undefined && { legalBasis }),
    ...(legalBasisExplanation !== undefined && { legalBasisExplanation }),
  };
}

function globalStatus(world: World, email: string): unknown[] {
  const decision = world.consents.global(email);
  if (!decision) return [];
  const timestamp = new Date(decision.at).toISOString();
  const wide = { wideStatusType: 'PORTAL_WIDE', source: sourceWords(decision) };
  return [{ channel: 'EMAIL', subscriberIdString: email, status: decision.state, timestamp, ...wide }];
}

function reasonOf(before: string, after: string): string {
  if (before === after) return 'NO_STATUS_CHANGE';
  return before === 'UNSUBSCRIBED' && after === 'SUBSCRIBED'
    ? 'RESUBSCRIBE_OCCURRED'
    : 'REQUESTED_CHANGE_OCCURRED';
}

function complete(world: World, results: unknown[]): Record<string, unknown> {
  const at = new Date(world.now()).toISOString();
  return { status: 'COMPLETE', results, startedAt: at, completedAt: at };
}
