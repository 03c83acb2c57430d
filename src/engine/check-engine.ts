import { wrongKind } from '../check.ts';
import type { Engine } from './engine.ts';

/** An argument that must be an engine: by what it can do, so that who decides by a policy alone loads no engine. */
export function checkEngine(engine: Engine): Engine {
  if (typeof engine?.fork === 'function') return engine;
  throw wrongKind(engine, 'engine', 'an Engine');
}
