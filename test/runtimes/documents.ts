import type { Reference } from './outcome.ts';
import type { Place } from './place.ts';

export async function documented(_place: Place, _reference: Reference): Promise<string[]> {
  return [];
}
