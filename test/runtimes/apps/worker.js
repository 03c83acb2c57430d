// The proof in workerd: the body of a POST is the model's file.
import { serve, train } from './proof.js';

export default {
  async fetch(request) {
    if (new URL(request.url).pathname === '/serve') {
      return Response.json({ answers: await serve(await request.arrayBuffer()) });
    }
    const { file: _, ...result } = await train();
    return Response.json(result);
  },
};
