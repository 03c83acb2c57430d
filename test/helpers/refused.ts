import * as assert from 'uvu/assert';

/** That a call throws an error of a kind, with these words. */
export function refused(run: () => unknown, kind: ErrorConstructor, message: RegExp | string): void {
  try {
    run();
  } catch (error) {
    assert.instance(error, kind);
    const text = (error as Error).message;
    assert.ok(typeof message === 'string' ? text === message : message.test(text), text);
    return;
  }
  assert.unreachable(`nothing was thrown where ${message} was expected`);
}
