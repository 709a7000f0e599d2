/** The vendor's comparison of addresses knows neither case nor blanks at the end. */
export function emailKey(address: string): string {
  return address.trim().toLowerCase();
}
