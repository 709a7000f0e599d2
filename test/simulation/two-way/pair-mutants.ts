import type { Mutant } from '../mutants.ts';
import type { Weights } from '../weights.ts';
import { defaultTwoWay, type TwoWay } from './mode.ts';

/** Both sides tell, values never repeat; both often change in the same moment. */
const telling: TwoWay = defaultTwoWay;
const calm: TwoWay = {
  ...telling,
  merges: 0,
  deletes: 0,
  strangers: 0,
  leftDeletes: 0,
  leftMerges: 0,
  guarded: 0,
  erasures: 0,
  decides: 0,
};
const silent: TwoWay = { ...calm, mode: 'values' };
const merging: TwoWay = { ...telling, merges: 0.2 };
const meeting: TwoWay = { ...telling, strangers: 0.3, merges: 0, deletes: 0 };
const guarding: TwoWay = { ...calm, guarded: 0.6 };
const erasing: TwoWay = { ...calm, erasures: 0.15, decides: 20 };
const joining: TwoWay = { ...calm, leftMerges: 0.15 };
const deciding: TwoWay = { ...calm, guarded: 0.2, decides: 20 };
const deleting: TwoWay = { ...calm, deletes: 0.25 };

const busy: Partial<Weights> = { records: 2, edits: 30, outages: 0 };
const dying: Partial<Weights> = { ...busy, crash: 0.015, replyLost: 0.1 };

/** Ways to break the two-way half of the engine. */
export const pairMutants: readonly (Mutant & { twoWay: TwoWay })[] = [
  {
    name: 'seen moves to what happened after the read',
    edits: [
      {
        file: 'field-view.ts',
        find: '  const fresh = after(versions, seen);\n',
        replace:
          "  const fresh = after(versions, seen && versions.at(-1)?.by === 'us' ? positionOf(versions) : seen);\n",
      },
    ],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'history ignored',
    edits: [
      {
        file: 'field-view.ts',
        find: "  if (versions.length > 0 && seen !== 'by-value') {\n",
        replace: '  if (versions.length > 999) {\n',
      },
    ],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'our own write taken for an edit',
    edits: [{ file: 'field-view.ts', find: "    if (version.by === 'us') return [];\n", replace: '' }],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'plans not kept',
    edits: [
      {
        file: 'write-back.ts',
        find: '  if (pairing?.note) return { ...job.body, pair: pairing.note };\n',
        replace: '',
      },
    ],
    weights: dying,
    twoWay: silent,
  },
  {
    name: 'plans replaced instead of accumulated',
    edits: [
      {
        file: 'pairing.ts',
        find: 'plans: [...plans, ...shown, fields],',
        replace: 'plans: [...shown, fields],',
      },
    ],
    weights: dying,
    twoWay: silent,
  },
  {
    name: 'base moves before the write',
    edits: [
      {
        file: 'write-back.ts',
        find: '  if (pairing?.note) return { ...job.body, pair: pairing.note };\n',
        replace: '  if (pairing) return { ...job.body, pair: pairing.state };\n',
      },
    ],
    weights: dying,
    twoWay: calm,
  },
  {
    name: 'latest without a tolerance',
    edits: [
      {
        file: 'policies.ts',
        find: 'Math.abs(left.at - right.at) > TOLERANCE',
        replace: 'left.at !== right.at',
      },
    ],
    weights: { ...busy, skew: 5_000 },
    twoWay: calm,
  },
  {
    name: 'the older edit wins',
    edits: [
      {
        file: 'policies.ts',
        find: 'return { value: left.at > right.at ? left.value : right.value };',
        replace: 'return { value: left.at < right.at ? left.value : right.value };',
      },
    ],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'a grant of anybody lifts a denial',
    edits: [
      {
        file: 'merge-consent.ts',
        find: "value === 'granted' && edit.by === 'person' && lifts(",
        replace: "value === 'granted' && lifts(",
      },
    ],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'an earlier grant at the other side lifts a denial',
    edits: [
      {
        file: 'merge-consent.ts',
        find: '  return grant.at > denial.at + slack;\n',
        replace: '  return slack >= 0;\n',
      },
      {
        file: 'merge-consent.ts',
        find: '.sort((a, b) => a.at - b.at);',
        replace: '.sort((a, b) => Number(a.side === b.side) * (a.at - b.at));',
      },
    ],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'a revert is no edit',
    edits: [
      {
        file: 'field-view.ts',
        find: "    if (version.by === 'us') return [];\n",
        replace:
          "    if (version.by === 'us' || (at === fresh.length - 1 && version.value === versions[first - 1]?.value)) return [];\n",
      },
    ],
    weights: busy,
    twoWay: { ...calm, domain: 'two' },
  },
  {
    name: 'history before policy',
    edits: [
      {
        file: 'policies.ts',
        find: "view.base === undefined ? firstOf(view, 'right') : shownBy(view, 'right')",
        replace:
          "view.base === undefined ? firstOf(view, 'right') : (view.edits.left ?? view.edits.right)?.value ?? view.right",
      },
    ],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'a merge is taken for a deletion',
    edits: [
      {
        file: 'read-target.ts',
        find: "  if (read.state === 'merged' && back && task.want.do === 'put')\n",
        replace: "  if (read.state === 'merged' && back && task.want.do === 'remove')\n",
      },
      {
        file: 'read-target.ts',
        find: "  if (read.state === 'gone' && back?.whenDeleted === 'leave' && leaves(task)) leave(task, targetId);\n",
        replace:
          "  if (read.state !== 'present' && back?.whenDeleted === 'leave' && leaves(task)) leave(task, targetId);\n",
      },
    ],
    weights: busy,
    twoWay: merging,
  },
  {
    name: 'a new id without an alias',
    edits: [
      {
        file: 'settle.ts',
        find: 'if (targetId !== undefined && targetId !== ending.job.body.targetId)',
        replace: 'if (targetId !== undefined && ending.job.body.targetId === undefined)',
      },
    ],
    weights: busy,
    twoWay: merging,
  },
  {
    name: 'two under one record both write it',
    edits: [
      {
        file: 'read-target.ts',
        find: '  if (ref !== undefined && ref !== key.id) return becameOne(',
        replace: '  if (ref !== undefined && ref === key.id.concat("?")) return becameOne(',
      },
    ],
    weights: busy,
    twoWay: merging,
  },
  {
    name: 'an open item is written over',
    edits: [
      {
        file: 'pairing.ts',
        find: '  const held = new Set([...merged.held, ...towards.items.map((item) => item.field)]);\n',
        replace: '  const held = new Set<string>();\n',
      },
    ],
    weights: busy,
    twoWay: guarding,
  },
  {
    name: 'the whole record is written',
    edits: [
      {
        file: 'compare.ts',
        find: 'return { write: write(pickFields(fields, names)), removal: removal || marks, outcome };',
        replace: 'return { write: write(fields), removal: removal || marks, outcome };',
      },
    ],
    weights: { ...busy, freeze: 0.004 },
    twoWay: calm,
  },
  {
    name: 'adoption without a first meeting',
    edits: [
      {
        file: 'policies.ts',
        find: "  const side = view.rule.first ?? owner;\n  return view[side] ?? view[side === 'left' ? 'right' : 'left'];\n",
        replace: "  return view[owner === 'left' ? 'left' : 'left'];\n",
      },
    ],
    weights: { ...busy, existing: 0.6 },
    twoWay: meeting,
  },
  {
    name: 'what people deleted is made again',
    edits: [
      {
        file: 'read-target.ts',
        find: "  return want.do === 'put' && job.body.removing !== true;\n",
        replace: "  return want.do === 'put' && !job.forced;\n",
      },
    ],
    weights: dying,
    twoWay: deleting,
  },
  {
    name: 'only the newest edit of a union counts',
    edits: [
      {
        file: 'policies.ts',
        find: '  if (view.base === undefined || !view.tells[side])\n',
        replace: '  if (view.name)\n',
      },
    ],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'what only one side tells is not noted',
    edits: [
      {
        file: 'pairing.ts',
        find: '  if (names.size === 0) return pairing;\n',
        replace: '  if (names.size < 99) return pairing;\n',
      },
    ],
    weights: dying,
    twoWay: calm,
  },
  {
    name: 'the right side wins what is the left one’s to win',
    edits: [
      {
        file: 'policies.ts',
        find: '  const edit = left ?? right;\n',
        replace: '  const edit = right ?? left;\n',
      },
    ],
    weights: busy,
    twoWay: calm,
  },
  {
    name: 'a decision is forgotten',
    edits: [
      {
        file: 'merge.ts',
        find: '  if (!item || !said) return undefined;\n',
        replace: '  if (said !== undefined || !item || !said) return undefined;\n',
      },
    ],
    weights: busy,
    twoWay: deciding,
  },
  {
    name: 'a tombstone is ignored',
    edits: [
      {
        file: 'erase.ts',
        find: '(isNew && back.identity && ',
        replace: '(isNew && back.whenNew === undefined && back.identity && ',
      },
    ],
    weights: busy,
    twoWay: erasing,
  },
  {
    name: 'a link forgets that its person was erased',
    edits: [
      {
        file: 'compare.ts',
        find: '  if (job.body.erasedAt !== undefined) body.erasedAt = job.body.erasedAt;\n',
        replace: '',
      },
    ],
    weights: busy,
    twoWay: erasing,
  },
  {
    name: 'who is erased at one side is erased at the other unasked',
    edits: [
      {
        file: 'erase.ts',
        find: '    } else if (answerOf(task, side) === side) endings',
        replace: '    } else if (answerOf(task, side) !== undefined || side) endings',
      },
    ],
    weights: busy,
    twoWay: erasing,
  },
  {
    name: 'a tombstone comes after the erasure',
    edits: [
      {
        file: 'erase.ts',
        find: "    await bury(ports, job.item.key, await identityOf(sessions, task, side));\n    const result = await eraseOther(sessions, task, side);\n    if (!result.ok) return failure(task, result.fault, 'none');\n",
        replace:
          "    const result = await eraseOther(sessions, task, side);\n    if (!result.ok) return failure(task, result.fault, 'none');\n    await bury(ports, job.item.key, await identityOf(sessions, task, side));\n",
      },
    ],
    weights: busy,
    twoWay: erasing,
  },
  {
    name: 'a merge at the left side without an alias',
    edits: [
      {
        file: 'settle.ts',
        find: 'if (targetId !== undefined && targetId !== ending.job.body.targetId)',
        replace: 'if (targetId !== undefined && ending.job.body.targetId === undefined)',
      },
    ],
    weights: busy,
    twoWay: joining,
  },
  {
    name: 'who was merged into somebody who is gone is waited for',
    edits: [
      {
        file: 'look.ts',
        find: "  return follows && read.state === 'merged' ? survivorOf(session, source, read) : read;\n",
        replace: '  return read;\n',
      },
      {
        file: 'recall.ts',
        find: "    else if (state === 'absent' || state === 'gone') {\n",
        replace: '    else if (state === undefined) {\n',
      },
    ],
    weights: { ...busy, records: 4 },
    twoWay: { ...joining, leftDeletes: 0.05 },
  },
];
