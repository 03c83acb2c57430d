// Recommendations and decisions at the edge. Each route says what it takes; what it refuses is in input.js.
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { countOf, countOfText, fieldsOf, idsOf, LIMITS, rowsOf } from './input.js';
import { policyOf, relatedOf } from './load.js';
import { Refused } from './refused.js';

/** Seconds for which a page's answers may be kept: they change with the model only. */
const FRESH = 300;

const ROUTES = { '/': 'GET', '/health': 'GET', '/related/:item': 'GET', '/cart': 'POST', '/decide': 'POST' };

const app = new Hono();
app.use(cors({ origin: '*', allowMethods: ['GET', 'POST'] }));
app.use(async (c, next) => {
  await next();
  if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
});
app.use(
  bodyLimit({
    maxSize: LIMITS.bytes,
    onError: (c) =>
      told(c, new Refused(413, 'too-large', `the body must have at most ${LIMITS.bytes} bytes`)),
  }),
);

/** What is loaded: the model's card in brief, the policy's card or what is wrong with it, the engine's memory. */
app.get('/', async (c) => {
  const { model, engine } = await relatedOf(c.env);
  const { nodes, edges, encoder, seed, dataHash, validation } = model.card;
  const policy = await policyOf(c.env).then(
    ({ card }) => card,
    ({ message }) => ({ error: message }),
  );
  return c.json({
    related: {
      items: nodes,
      edges,
      dim: encoder.dim,
      seed,
      dataHash,
      validation,
      ranker: model.ranker !== undefined,
    },
    policy,
    memoryBytes: engine.memory.buffer.byteLength,
  });
});

/** Answers without touching a model. */
app.get('/health', (c) => c.text('ok'));

/** What follows an item. One that the model does not know is answered by what sells most, and each answer says so. */
app.get('/related/:item', async (c) => {
  const item = c.req.param('item');
  const k = countOfText(c.req.query('k'));
  const { model } = await relatedOf(c.env);
  const exclude = (c.req.queries('exclude') ?? []).flatMap((text) =>
    known(model, text) ? [text] : text.split(','),
  );
  c.header('Cache-Control', `public, max-age=${FRESH}`);
  return c.json({ item, answers: answers(model, item, k, exclude) });
});

/** What goes with all items of a cart together: `{ items, k, exclude }`. */
app.post('/cart', async (c) => {
  const { items, k, exclude = [] } = fieldsOf(await bodyOf(c), ['items', 'k', 'exclude']);
  idsOf(items, 'items', 1, LIMITS.items);
  idsOf(exclude, 'exclude', 0, LIMITS.exclude);
  const count = countOf(k);
  const { model } = await relatedOf(c.env);
  return c.json({ answers: answers(model, items, count, exclude) });
});

/** Whom to act on: `{ rows: [{ score, uncertainty }] }` gives positive, negative or abstain for each. */
app.post('/decide', async (c) => {
  const { rows } = fieldsOf(await bodyOf(c), ['rows']);
  const policy = await policyOf(c.env);
  const checked = rowsOf(rows, policy.usesUncertainty);
  return c.json({ decisions: checked.map(({ score, uncertainty }) => policy.decide(score, uncertainty)) });
});

for (const [path, method] of Object.entries(ROUTES)) {
  app.all(path, (c) => {
    c.header('Allow', method);
    throw new Refused(405, 'method-not-allowed', `${c.req.method} is not answered here, ${method} is`);
  });
}

app.notFound(() => {
  throw new Refused(404, 'not-found', `there is no such path; there are ${Object.keys(ROUTES).join(', ')}`);
});

app.onError((error, c) => {
  if (error instanceof Refused) return told(c, error);
  // A body without a Content-Length that turns out too large while it is read: bodyLimit puts its own answer in place.
  if (error.name !== 'BodyLimitError') console.error(error);
  return told(c, new Refused(500, 'internal', 'this should not happen; the log says more'));
});

export default app;

function told(c, { status, code, message, field }) {
  return c.json({ error: { code, message, field } }, status, { 'Cache-Control': 'no-store' });
}

const known = (model, id) => model.graph.findId(id) >= 0;

/** Items that the model does not know cannot be answered, so leaving them out of `exclude` changes nothing. */
function answers(model, query, k, exclude) {
  const found = model.recommend(query, { k, exclude: exclude.filter((id) => known(model, id)) });
  return found.map(({ id, score, known, source, reason }) => ({ id, score, known, source, reason }));
}

async function bodyOf(c) {
  try {
    return await c.req.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Refused(400, 'not-json', 'the body must be JSON');
  }
}
