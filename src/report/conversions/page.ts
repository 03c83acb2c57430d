import { count, counted, percent, size, span } from '../format.ts';
import { html, shortened } from '../markup.ts';
import { reportPage } from '../page.ts';
import {
  commands,
  definitions,
  details,
  entriesOf,
  type Figure,
  figures,
  name,
  notice,
  paragraph,
  type Section,
} from '../parts.ts';
import type { ConversionsContent } from './content.ts';
import { ageOf, delaySection } from './delay.ts';
import { healthSection } from './health.ts';
import { expected, openSection } from './open.ts';
import { calibrationSection, ownOf, qualitySection, stepSection } from './quality.ts';

/** The page of a conversions model. */
export async function conversionsPage(content: ConversionsContent): Promise<string> {
  const { file, method, evaluation, version, rows } = content;
  const learned = rows === undefined ? '' : `, learned from ${counted(rows, 'row')}`;
  return reportPage({
    title: 'Conversions',
    subtitle: `${file}: how likely a row converts while labels still change; by ${method}${learned}`,
    sections: [
      overview(content),
      delaySection(content),
      qualitySection(content),
      ...(evaluation ? [stepSection(content, evaluation), calibrationSection(content, evaluation)] : []),
      healthSection(content),
      openSection(content),
      cardSection(content),
    ],
    footer: `Made by fletching ${version}. Everything on this page is in this one file.`,
  });
}

function overview(content: ConversionsContent): Section {
  const { curve, open, verdict } = content;
  const own = ownOf(content);
  const list: Figure[] = [];
  if (own?.riLogLoss !== undefined) {
    const { low, high } = own.ci.riLogLoss!;
    list.push({
      label: 'Closed of the gap to knowing the future',
      value: `${own.riLogLoss.toFixed(0)} %`,
      note: low <= high ? `log loss; 95 %: ${low.toFixed(0)} to ${high.toFixed(0)} %` : 'log loss',
      main: true,
    });
  }
  if (own && !Number.isNaN(own.pcoc)) {
    list.push({ label: 'Predicted / real conversions', value: own.pcoc.toFixed(2), note: '1 is right' });
  }
  const half = ageOf(curve.age, curve.known, 0.5);
  list.push(
    { label: 'Rows that convert', value: percent(curve.converted[curve.converted.length - 1], 1) },
    { label: 'Half of the conversions are in by', value: half === undefined ? '\u2013' : span(half) },
    {
      label: 'Rows that can still change',
      value: count(open.rows),
      note: `about ${expected(content)} still convert`,
    },
  );
  return {
    id: 'overview',
    title: 'Overview',
    body: html`${paragraph('How likely does a row convert, when a row that has not converted yet may still do so?')}
${figures(list)}
${verdict.length > 0 ? notice(verdict.map((line) => paragraph(shortened(line, 1000)))) : undefined}`,
  };
}

function cardSection(content: ConversionsContent): Section {
  const {
    file,
    bytes,
    method,
    methodWords,
    window,
    signals,
    features,
    read,
    card,
    commands: lines,
  } = content;
  const list = (names: readonly string[]) =>
    names.length > 0 ? name(shortened(names.join(', '), 2000)) : 'none';
  const ofKind = (kind: string) => features.filter((one) => one.kind === kind).map((one) => one.name);
  const settings = entriesOf(card).map(
    ([key, value]) => [shortened(key, 100), name(shortened(value, 300))] as const,
  );
  const words = Object.hasOwn(methodWords, method) ? `: ${methodWords[method]}` : '';
  return {
    id: 'card',
    title: 'Model card',
    body: html`${definitions([
      ['file', html`${name(file)}, ${size(bytes)}`],
      ['method', name(`${method}${words}`)],
      ['window', window === undefined ? 'a window a row' : span(window)],
      ['numbers', list(ofKind('numeric'))],
      ['categories', list(ofKind('categorical'))],
      ['signals before the conversion', list(signals)],
      ...read.map(([key, value]) => [key, value] as const),
    ])}
<h3>How to make this again</h3>
${paragraph('The same log, options and seed give the same model, bit for bit.')}
${commands(lines)}
${details('Every setting (times and ages in days)', definitions(settings))}`,
  };
}
