import { Router } from 'express';
import { faultSchema } from '../fault.ts';
import type { Sandbox } from '../sandbox.ts';
import { check, sendMistake } from './check.ts';

/** `/sandbox/faults`: switch on, list, release what one holds, switch off. */
export function createFaultRoutes({ faults }: Pick<Sandbox, 'faults'>): Router {
  const router = Router();
  router.post('/faults', (request, response) => {
    const fault = check(faultSchema, request.body, response);
    if (fault) response.status(201).json({ fault: faults.add(fault) });
  });
  router.get('/faults', (_request, response) => {
    response.json({ faults: faults.list() });
  });
  router.delete('/faults', (_request, response) => {
    response.json({ removed: faults.clear() });
  });
  router.delete('/faults/:id', (request, response) => {
    if (faults.remove(request.params.id)) response.json({ removed: 1 });
    else sendMistake(response, 404, 'no such fault');
  });
  router.post('/faults/:id/release', (request, response) => {
    const released = faults.release(request.params.id);
    if (released === undefined) sendMistake(response, 404, 'no such fault');
    else response.json({ released });
  });
  return router;
}
