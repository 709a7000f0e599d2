/** What the last form did. A page's address carries only the name, so a link cannot make the console say anything else. */
const NOTICES: Readonly<Record<string, string>> = {
  scan: 'Scanned. What changed at the source is on its way.',
  backfill: 'The backfill has started and goes on in the background; reload to see how far it is.',
  audit: 'The audit has started; reload to see how far it is.',
  pause: 'Paused. Records stay queued and nothing is lost.',
  resume: 'Resumed.',
  approve: 'Approved. What was held goes on once.',
  release: 'Released. It is held again if the cause is still there.',
  replay: 'On its way: both sides are read again.',
  discard: 'Discarded. The audit trail keeps the reason.',
  decide:
    'Decided, and carried out at once. Where a value has changed meanwhile, or may not be written, it comes up again.',
  redrive: 'Sent again. What fails once more comes back to the dead letters.',
  sandbox: 'Done at the sandbox.',
};

export function noticeText(name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(NOTICES, name) ? NOTICES[name] : undefined;
}
