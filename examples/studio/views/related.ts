import { html, nothing } from 'lit-html';
import { loaded, reading, simulate } from '../data.ts';
import { downloadsView } from './downloads.ts';
import { exploreView } from './explore.ts';
import { askForPlace, model } from './model.ts';
import { emptyPage, readingView, type View } from './parts.ts';
import { qualityView } from './quality.ts';
import { trainingView } from './training.ts';

/** From pairs to a model, how good it is, and what it answers. */
export function relatedView(): View {
  const { shop } = loaded;
  if (!shop) {
    return emptyPage(
      'Related products',
      'Orders or pairs of products become a model that knows which way the arrow points: the phone leads to the case, the case does not lead to the phone.',
      { label: 'Load the simulated shop', click: () => void simulate('orders') },
      reading.shop,
    );
  }
  askForPlace();
  return html`<section>
      <h1>Related products</h1>
      <p class="lead">From ${shop.read.title}.</p>
      ${readingView(shop.read)}
    </section>
    ${trainingView(shop.read)}
    ${model.trained ? html`${exploreView(shop.read)} ${qualityView()} ${downloadsView()}` : nothing}`;
}
