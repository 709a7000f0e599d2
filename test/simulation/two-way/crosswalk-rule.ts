import { THINGS } from '../records.ts';
import { FLOW } from '../sim-flow.ts';
import type { World } from '../world.ts';
import type { LeftVendor } from './left-vendor.ts';
import type { RightVendor } from './right-vendor.ts';

/** One link per record of the right side, and every id that ever was leads to its link. */
export function crosswalkProblems(world: World, left: LeftVendor, right: RightVendor): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const { key, body } of world.state.links.values()) {
    const { targetId, pair } = body ?? {};
    if (targetId === undefined || (pair?.items ?? []).some((item) => item.field === '')) continue;
    const before = owners.get(targetId);
    if (before !== undefined) problems.push(`${key.id} and ${before} are both linked with ${targetId}`);
    owners.set(targetId, key.id);
    const known = aliasOf(world, targetId);
    if (known !== key.id)
      problems.push(`${key.id} is linked with ${targetId}, whose alias leads to ${known}`);
    if (body?.state === 'present' && right.present(targetId)?.ref !== key.id)
      problems.push(`${key.id} is linked with ${targetId}, which carries ${right.present(targetId)?.ref}`);
  }
  for (const id of right.records.keys()) {
    const known = aliasOf(world, id);
    if (known === undefined) continue;
    const ref = right.present(right.last(id))?.ref;
    if (ref !== undefined && ref !== known && !right.events.joined.has(known) && left.present(known))
      problems.push(`${id} leads to ${known}, and what became of it carries ${ref}`);
  }
  return problems;
}

function aliasOf(world: World, targetId: string): string | undefined {
  const json = world.state.documents.get(`alias/${FLOW}/${THINGS}/${targetId}`)?.json;
  const found: { id: string } | undefined = json === undefined ? undefined : JSON.parse(json);
  return found?.id;
}
