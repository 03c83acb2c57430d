import { barChart } from '../charts/bar.ts';
import { count, counted, percent } from '../format.ts';
import { type Html, html } from '../markup.ts';
import { definitions, figures, name, notice, paragraph, type Section, table } from '../parts.ts';
import type { DataPart } from './content.ts';

/** What the model was trained on, what was left out, and how the pairs are spread over the products. */
export function dataSection(data: DataPart): Section {
  const { nodes, edges, outDegree, inDegree, reciprocal, read, rejected, notes, added } = data;
  const alone = outDegree.reduce((sum, degree, v) => sum + (degree + inDegree[v] === 0 ? 1 : 0), 0);
  return {
    id: 'data',
    title: 'Data',
    body: html`${figures([
      {
        label: 'Products',
        value: count(nodes),
        note: alone > 0 ? `${count(alone)} without any pair` : undefined,
      },
      {
        label: 'Pairs “bought U, next V”',
        value: count(edges),
        note: `${perProduct(edges, nodes)} a product`,
      },
      { label: 'Pairs that also go the other way', value: percent(reciprocal, 1) },
    ])}
${
  added && (added.nodes > 0 || added.edges > 0)
    ? paragraph(
        `Added after training: ${counted(added.nodes, 'product')} and ${counted(added.edges, 'pair')}.`,
      )
    : undefined
}
${read.length > 0 ? definitions(read.map(([what, value]) => [what, name(value)])) : paragraph('The model file does not say what its training read.')}
${
  notes.length > 0
    ? notice(
        notes.map((note) => paragraph(name(note))),
        'warning',
      )
    : undefined
}
${
  rejected.length > 0
    ? table(
        'Rows left out',
        [
          { title: 'File' },
          { title: 'Column' },
          { title: 'Rows', number: true },
          { title: 'What is wrong with the first' },
        ],
        rejected.map(({ file, column, rows, reason }) => ({
          cells: [name(file), name(column), count(rows), name(reason)],
        })),
      )
    : undefined
}
<div class="charts">
${degreeChart('Products by how many others they lead to', 'lead to', 'products it leads to', outDegree)}
${degreeChart('Products by how many others lead to them', 'are led to by', 'products that lead to it', inDegree)}
</div>`,
  };
}

const perProduct = (edges: number, nodes: number) => (nodes > 0 ? (edges / nodes).toFixed(1) : '0');

/** Groups 0, 1, 2, 3-4, 5-8 ...: each twice as wide as the one before, as degrees follow a power law. */
function degreeChart(title: string, verb: string, label: string, degree: Uint32Array): Html {
  const sorted = degree.toSorted();
  const most = sorted.at(-1) ?? 0;
  const groups: { label: string; products: number }[] = [];
  for (let [low, high] = [0, 0]; low <= most; [low, high] = [high + 1, Math.max(1, 2 * high)]) {
    const products = degree.reduce((sum, d) => sum + (d >= low && d <= high ? 1 : 0), 0);
    groups.push({ label: low === high ? count(low) : `${count(low)}\u2013${count(high)}`, products });
  }
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return barChart({
    title,
    about:
      `${count(groups[0].products)} of ${counted(degree.length, 'product')} ${verb} none; half ${verb} ` +
      `${count(median)} or fewer, the most connected ${count(most)}.`,
    x: { label: 'products' },
    of: label,
    labels: groups.map((group) => group.label),
    series: [{ name: 'products', values: groups.map((group) => group.products) }],
  });
}
