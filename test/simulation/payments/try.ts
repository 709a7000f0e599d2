import { loadPayCode, REAL_HUB } from './pay-code.ts';
import { defaultPayWeights, type Policy } from './pay-weights.ts';
import { runPaySeed } from './run-pay-seed.ts';
process.on('SIGINT', () => process.exit(1));
const [, , policy = 'proof', from = '1', count = '50', trace] = process.argv;
const code = await loadPayCode(REAL_HUB);
const begun = performance.now();
let bad = 0;
const tallies = new Map<string, number>();
for (let seed = Number(from); seed < Number(from) + Number(count); seed += 1) {
  const r = await runPaySeed({ code, seed, weights: { ...defaultPayWeights, policy: policy as Policy }, ...(trace ? { print: (l: string) => console.log(l) } : {}) });
  for (const [k, v] of r.tallies) tallies.set(k, (tallies.get(k) ?? 0) + v);
  if (r.violations.length > 0) { bad += 1; if (bad < 12) console.log(seed, r.violations.slice(0, 3).map((v) => `${v.rule}: ${v.text.slice(0, 600)}`)); }
}
console.log({ bad, perSecond: Number(count) / ((performance.now() - begun) / 1000), ...Object.fromEntries(tallies) });
