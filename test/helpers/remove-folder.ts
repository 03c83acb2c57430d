import { rmSync } from 'node:fs';

/** Removes a browser's profile: its other processes go on writing there for a while after it has gone. */
export async function removeFolder(folder: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
