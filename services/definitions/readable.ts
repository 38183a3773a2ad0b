/** A name made readable: `work_orders` is `Work orders`. */
export function readable(name: string): string {
  const words = name.replaceAll('_', ' ').replaceAll(/ +/g, ' ').trim();
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1);
}
