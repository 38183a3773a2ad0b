/** Has the browser save what an address leads to. */
export function saveFile(name: string, address: string): void {
  const link = document.createElement('a');
  link.download = name.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_');
  link.href = address;
  link.click();
  if (address.startsWith('blob:')) setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
