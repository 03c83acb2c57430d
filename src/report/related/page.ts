import { count, counted, percent, size } from '../format.ts';
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
import { answersSection, entriesThatFit, itemsSection } from './answers.ts';
import type { RelatedContent } from './content.ts';
import { dataSection } from './data.ts';
import { chosen, directionSection, qualitySection } from './quality.ts';
import { trainingSection } from './training.ts';

/** The page of a related-products model, and how many of the items it lists: a page has room for 4 MB of them. */
export async function relatedPage(content: RelatedContent): Promise<{ page: string; items: number }> {
  const { model, data, training, survey, version } = content;
  const items = entriesThatFit(content.items);
  const page = await reportPage({
    title: 'Related products',
    subtitle: `${model.file}: ${counted(data.nodes, 'product')}, ${counted(data.edges, 'pair')} “bought U, next V”`,
    sections: [
      overview(content),
      qualitySection(content),
      directionSection(content),
      answersSection(survey),
      itemsSection(items, data.nodes, content.scores),
      dataSection(data),
      trainingSection(training),
      cardSection(content),
    ],
    footer: `Made by fletching ${version}. Everything on this page is in this one file.`,
  });
  return { page, items: items.length };
}

function overview({ evaluation, survey, data, training }: RelatedContent): Section {
  const list: Figure[] = [];
  if (evaluation) {
    const { own, control, rival } = chosen(evaluation);
    list.push({
      label: 'Right product among the first ten',
      value: percent(own.hitRate, 1),
      note: `±${percent(own.error, 1)}, of ${counted(evaluation.hidden, 'hidden pair')}`,
      main: true,
    });
    if (control)
      list.push({
        label: 'The same by counts alone',
        value: percent(control.hitRate, 1),
        note: 'the control',
      });
    if (rival)
      list.push({ label: 'The best simpler method', value: percent(rival.hitRate, 1), note: rival.name });
    if (own.directionPaired !== undefined) {
      list.push({
        label: 'Right way round',
        value: percent(own.directionPaired, 1),
        note: 'guessing gives 50 %',
      });
    }
  } else if (training.validation) {
    list.push({
      label: 'Right product among the first ten',
      value: percent(training.validation.hitRate, 1),
      note: `of ${counted(training.validation.edges, 'pair')} that also chose the model`,
      main: true,
    });
  }
  list.push(
    {
      label: 'Products that are ever answered',
      value: percent(survey.coverage),
      note: `of ${count(survey.nodes)}`,
    },
    { label: 'Pairs to learn from', value: count(data.edges) },
  );
  return {
    id: 'overview',
    title: 'Overview',
    body: html`${paragraph('Who bought one product buys which next? The model ranks all products by that question.')}
${figures(list)}
${
  evaluation && evaluation.verdict.length > 0
    ? notice(evaluation.verdict.map((line) => paragraph(shortened(line, 1000))))
    : undefined
}`,
  };
}

function cardSection({ model, commands: lines }: RelatedContent): Section {
  const entries = entriesOf(model.card)
    .filter(([key]) => !/^(history|data\.)/.test(key))
    .map(([key, value]) => [shortened(key, 100), name(shortened(value, 300))] as const);
  return {
    id: 'card',
    title: 'Model card',
    body: html`${definitions([
      ['file', html`${name(model.file)}, ${size(model.bytes)}`],
      ['hash (SHA-256 of what answers)', html`<code>${model.hash}</code>`],
    ])}
<h3>How to make this again</h3>
${paragraph('The same data, options and seed give the same hash, on every machine.')}
${commands(lines)}
${details('Every setting', definitions(entries))}`,
  };
}
