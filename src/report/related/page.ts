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
import { answersSection, askedOf, entriesThatFit, itemsSection } from './answers.ts';
import type { RelatedContent, TrainingPart } from './content.ts';
import { dataSection } from './data.ts';
import type { RelatedEvaluation } from './evaluation.ts';
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
  return {
    id: 'overview',
    title: 'Overview',
    body: html`${paragraph('Who bought one product buys which next? The model ranks all products by that question.')}
${figures([
  ...(evaluation ? measured(evaluation) : ofTraining(training)),
  { label: 'Products that are ever answered', value: percent(survey.coverage), note: askedOf(survey) },
  { label: 'Pairs to learn from', value: count(data.edges) },
])}
${
  evaluation && evaluation.verdict.length > 0
    ? notice(evaluation.verdict.map((line) => paragraph(shortened(line, 1000))))
    : undefined
}`,
  };
}

const FOUND = 'Right product among the first ten';

function measured(evaluation: RelatedEvaluation): Figure[] {
  const { own, control, rival } = chosen(evaluation);
  const of = counted(evaluation.hidden, 'hidden pair');
  const list: Figure[] = [
    {
      label: FOUND,
      value: percent(own.hitRate, 1),
      note: `±${percent(own.error, 1)}, of ${of}`,
      main: true,
    },
  ];
  const more = (label: string, value: number | undefined, note: string) => {
    if (value !== undefined) list.push({ label, value: percent(value, 1), note });
  };
  more('The same by counts alone', control?.hitRate, 'the control');
  more('The best simpler method', rival?.hitRate, rival ? shortened(rival.name, 40) : '');
  more('Right way round', own.directionPaired, 'guessing gives 50 %');
  return list;
}

/** Without an evaluation: what answers, on the pairs set aside in training. */
function ofTraining({ ranking, validation }: TrainingPart): Figure[] {
  const [first] = ranking?.used ? ranking.heldOut : [];
  if (ranking && first) {
    const note = `for ${counted(ranking.queries, 'product')} set aside in training`;
    return [{ label: FOUND, value: percent(first.hitRate, 1), note, main: true }];
  }
  if (!validation) return [];
  const note = `of ${counted(validation.edges, 'pair')} that also chose the model`;
  return [{ label: FOUND, value: percent(validation.hitRate, 1), note, main: true }];
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
