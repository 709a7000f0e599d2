/** Names a row and its delivery: after the next delivery the receipt fits nothing any more. */
export function receiptOf(seq: number, delivery: number): string {
  return `${seq}:${delivery}`;
}

/** Undefined for anything this host never gave out. */
export function parseReceipt(receipt: string): { seq: number; delivery: number } | undefined {
  const parts = /^(\d{1,15}):(\d{1,15})$/.exec(receipt);
  return parts ? { seq: Number(parts[1]), delivery: Number(parts[2]) } : undefined;
}
