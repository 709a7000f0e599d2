import * as z from 'zod';
import { CannotDo } from '../../../shared/engine/service.ts';
import { createKey, endKey, listKeys, SCOPES, type Scope } from '../api/api-key.ts';
import { command, knownMerchant, merchantsAsked, whole } from './command.ts';
import { note } from './journal.ts';

const HOUR = 3_600_000;
const OneScope = z.enum(SCOPES, { error: `must be some of ${SCOPES.join(', ')}` });
const USUAL: Scope[] = ['read', 'pay', 'refund'];
/** A list, or text with commas. */
const Scopes = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean))])
  .pipe(z.array(OneScope).min(1, { error: `must be some of ${SCOPES.join(', ')}` }));

const KeyAnswer = z.object({
  id: z.string(),
  merchant: z.string(),
  title: z.string(),
  scopes: z.array(z.string()),
  createdAt: z.number(),
  endsAt: z.number().optional(),
});
/** `text` is what the merchant sends; it is told now and never again. */
export const NewKeyAnswer = KeyAnswer.extend({ text: z.string() });
export const KeysAnswer = z.object({ items: z.array(KeyAnswer) });
export const EndedKeyAnswer = KeyAnswer;

const Title = z
  .string({ error: 'must be a text' })
  .min(1, { error: 'must say what the key is for' })
  .max(80, { error: 'must have at most 80 characters' });

/** A new key beside those there are. */
export const keyCreate = command(
  z.strictObject({ merchant: z.string(), title: Title, scopes: Scopes.optional() }),
  async (office, { merchant, title, scopes = USUAL }) => {
    knownMerchant(office, merchant);
    const { key, text } = await createKey(office.ports, { merchant, title, scopes });
    await note(office, {
      what: `key created: ${scopes.join(', ')}`,
      about: `${merchant} ${key.id}`,
      reason: title,
    });
    return NewKeyAnswer.parse({ ...key, text });
  },
);

/** Of one merchant or of all, those that have ended too. */
export const keyList = command(
  z.strictObject({ merchant: z.string().optional() }),
  async (office, { merchant }) => {
    const all = await Promise.all(
      merchantsAsked(office, merchant).map(({ id }) => listKeys(office.ports.documents, id)),
    );
    return KeysAnswer.parse({ items: all.flat() });
  },
);

/** At once, or in some hours: until then the merchant changes over to another one. */
export const keyEnd = command(
  z.strictObject({ id: z.string(), hours: whole(0, 8_760).optional() }),
  async (office, { id, hours = 0 }) => {
    const name = /^(?:itk_)?([0-9a-f]{12})/.exec(id)?.[1] ?? '';
    const at = office.ports.clock.now() + hours * HOUR;
    const key = name === '' ? undefined : await endKey(office.ports, name, at);
    if (!key)
      throw new CannotDo(
        'missing',
        `field "id": there is no API key "${id.slice(0, 20)}"`,
        'key-list shows them',
      );
    await note(office, { what: 'key ended', about: `${key.merchant} ${key.id}` });
    return EndedKeyAnswer.parse(key);
  },
);
