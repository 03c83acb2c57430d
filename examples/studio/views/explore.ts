import { html, nothing } from 'lit-html';
import { counted, percent, short } from '../../../src/report/format.ts';
import type { Answer, Asked, Lead, ShopItem, ShopRead } from '../jobs.ts';
import { address } from '../state.ts';
import { combobox } from './combobox.ts';
import { asking, idOf, model, nameOf, reversing, show } from './model.ts';
import { neighbourhoodView } from './neighbourhood.ts';
import { refused, type View } from './parts.ts';

/** One product at a time: what leads to it, what it leads to and why, and a picture of the pairs around it. */
export function exploreView({ items }: ShopRead): View {
  const { asked } = model;
  return html`<section aria-labelledby="explore" class="explore">
    <h2 id="explore">What leads to what</h2>
    ${combobox(items, asked?.node, show)} ${refused(asking.failure)}
    ${asked ? askedView(asked, items[asked.node]) : nothing}
  </section>`;
}

function askedView({ node, answers, leads, before, after }: Asked, { out, in: into }: ShopItem): View {
  return html`<div class="item" data-item=${idOf(node)}>
    <h3>${nameOf(node)}</h3>
    <p class="note">
      ${idOf(node) === nameOf(node) ? nothing : html`<code>${idOf(node)}</code> · `}leads to ${counted(out, 'product')} and is led to
      by ${counted(into, 'product')} in the data
    </p>
    <div class="sides">
      <div class="leads">
        <h4>What leads here</h4>
        <p class="note">
          ${
            model.reversed
              ? 'products with this one among their first ten answers'
              : reversing.running
                ? 'in the data; the model is still being asked the other way round'
                : 'in the data'
          }
        </p>
        ${leads.length === 0 ? html`<p class="none">Nothing leads here.</p>` : html`<ol>${leads.map(leadView)}</ol>`}
      </div>
      <div class="answers">
        <h4>What it leads to</h4>
        <p class="note">who bought it next buys, best first</p>
        ${answers.length === 0 ? html`<p class="none">Nothing is left to recommend.</p>` : html`<ol>${answers.map(answerView)}</ol>`}
      </div>
    </div>
    ${neighbourhoodView(
      node,
      before,
      after,
      answers.filter(({ known }) => !known).map((answer) => answer.node),
    )}
  </div>`;
}

const linkTo = (node: number): View => html`<a href=${address('related', idOf(node))}>${nameOf(node)}</a>`;

const seen = (weight: number): string => `seen ${short(weight)} ${weight === 1 ? 'time' : 'times'}`;

function leadView({ node, place, weight }: Lead): View {
  return html`<li>
    <span class="what">${linkTo(node)}</span>
    <span class="badge ${weight > 0 ? 'known' : ''}">${weight > 0 ? seen(weight) : 'new'}</span>
    ${place > 0 ? html`<span class="why">this is its answer number ${place}</span>` : nothing}
  </li>`;
}

function answerView({ node, known, weight, why }: Answer): View {
  return html`<li data-answer=${idOf(node)}>
    <span class="what">${linkTo(node)}</span>
    <span class="badge ${known ? 'known' : ''}">${known ? seen(weight) : 'new'}</span>
    ${why.map(
      ({ text, share }) =>
        html`<span class="why">${
          share === undefined
            ? nothing
            : html`<i class="share" style="--share:${share.toFixed(3)}" title=${`${percent(share)} of the score`}></i>`
        }${text}</span>`,
    )}
  </li>`;
}
