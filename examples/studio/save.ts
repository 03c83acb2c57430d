/** Hands a file to the person at the page, without a server. */
export function save(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken the bytes by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
