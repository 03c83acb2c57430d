/** In place of linkedom: a fresh document of the browser's own. */
export const parseHTML = (text: string): { document: Document } => ({
  document: new DOMParser().parseFromString(text, 'text/html'),
});
