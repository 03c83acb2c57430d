import { html, nothing } from 'lit-html';
import type { Settings } from '../data.ts';
import type { Kind } from '../jobs.ts';
import { choiceField, numberField, textField } from './fields.ts';
import type { View } from './parts.ts';

/** What must be known beside the columns to read a file of this kind. */
export function settingsView(kind: Kind, settings: Settings): View {
  if (kind === 'orders') {
    return html`<div class="fields">
      ${choiceField(
        { label: 'A pair is', about: 'only the first has a direction' },
        settings.mode,
        [
          ['next', 'bought U, next V'],
          ['co-purchase', 'bought together'],
        ],
        (mode) => {
          settings.mode = mode;
        },
      )}
      ${numberField(
        { label: 'It must have happened', about: 'times; fewer finds more pairs, more of them by chance' },
        { value: settings.minSupport, min: 1, max: 1000 },
        (times) => {
          settings.minSupport = times;
        },
      )}
      ${numberField(
        { label: 'More often than by chance', about: 'times; 0 keeps every pair that happened' },
        { value: settings.minLift, min: 0, max: 100, step: 0.5 },
        (lift) => {
          settings.minLift = lift;
        },
      )}
    </div>`;
  }
  if (kind === 'events') {
    return html`<div class="fields">
      ${textField(
        { label: 'A conversion counts within', about: 'such as 30d, 12h or 90min' },
        settings.window,
        (window) => {
          settings.window = window;
        },
      )}
      ${choiceField(
        { label: 'Times without a date are in', about: 'dates and epoch seconds are recognised' },
        settings.unit,
        (['days', 'hours', 'minutes', 'seconds'] as const).map((unit) => [unit, unit] as const),
        (unit) => {
          settings.unit = unit;
        },
      )}
    </div>`;
  }
  return nothing;
}
