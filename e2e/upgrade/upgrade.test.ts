import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { FOLDER, openStage, payloadsOf, type Stage } from './stage.ts';

/** Commits of the builds that have a fixture. */
const commits = readdirSync(FOLDER).flatMap((name) => /^from-(\w+)\.ndjson$/.exec(name)?.[1] ?? []);

/** Milliseconds, enough for a busy machine. On an idle one a wait takes 7 s: one bot takes one event a second. */
const PATIENCE = { timeout: 60_000, interval: 200 };

interface Ledger {
  readonly holds: boolean;
  readonly connections: readonly Readonly<Record<string, number | string>>[];
}

interface Replay {
  readonly id: string;
  readonly state: string;
}

/** Counters other than 0, by connection. */
function countersOf({ connections }: Ledger): Record<string, Record<string, number>> {
  return Object.fromEntries(
    connections.map(({ connection, ...counters }) => [
      connection,
      Object.fromEntries(Object.entries(counters).filter(([, count]) => count !== 0)),
    ]),
  ) as Record<string, Record<string, number>>;
}

describe.each(commits)('data written by build %s', (commit) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage(commit);
  });

  afterAll(() => stage.stop());

  /** Deliveries that fit, with their ids. */
  const deliveries = (fits: (delivery: Stage['expected']['deliveries'][string]) => boolean) =>
    Object.entries(stage.expected.deliveries)
      .filter(([, delivery]) => fits(delivery))
      .map(([id, delivery]) => ({ id, ...delivery }));
  const idsOf = (was: string) => deliveries((delivery) => delivery.was === was).map(({ id }) => id);
  const endingAs = (ends: string) => deliveries((delivery) => delivery.ends === ends).map(({ id }) => id);

  const readDeadLetters = async (query = '') => {
    const path = `/dead-letters?limit=500${query}`;
    type Page = { readonly letters: readonly { readonly id: string; readonly death: { reason: string } }[] };
    const { letters = [] } = (await stage.read<Page>(path)) ?? {};
    return Object.fromEntries(letters.map(({ id, death }) => [id, death.reason]));
  };
  const readReplays = async () =>
    (await stage.read<{ readonly replays: readonly Replay[] }>('/replays'))?.replays ?? [];
  const pendingOf = async (fits: (connection: string) => boolean) => {
    const ledger = (await stage.read<Ledger>('/ledger')) ?? { holds: false, connections: [] };
    return Object.entries(countersOf(ledger)).reduce(
      (sum, [connection, { pending = 0 }]) => (fits(connection) ? sum + pending : sum),
      0,
    );
  };

  test('balances the ledger with the counters that the old build reported', async () => {
    const ledger = JSON.parse(await stage.sluice('ledger', '--deep', '--json'));
    expect(ledger).toMatchObject({ holds: true, walk: { differences: [], moved: [] } });
    const counters = Object.entries(countersOf(ledger)).map(([connection, { unknown, ...counted }]) => {
      // The old build looked up no status.
      expect([connection, unknown]).toEqual([connection, counted.delivered]);
      return [connection, counted];
    });
    expect(Object.fromEntries(counters)).toEqual(stage.expected.ledger);
  });

  test('shows each delivery in the state that the old build reported', async () => {
    type Shown = {
      readonly state: string;
      readonly began?: number;
      readonly attempts: readonly unknown[];
      readonly edits: readonly unknown[];
    };
    for (const [id, { was, state, attempts = 0, edits = 0, began = false }] of Object.entries(
      stage.expected.deliveries,
    )) {
      const shown = await stage.read<Shown>(`/deliveries/${id}`);
      const { attempts: notes = [], edits: changes = [] } = shown ?? {};
      expect([
        id,
        was,
        shown?.state ?? 'gone',
        notes.length,
        changes.length,
        'began' in (shown ?? {}),
      ]).toEqual([id, was, state, attempts, edits, began]);
    }
  });

  test('lists dead letters with their reasons and groups, and discarded ones separately', async () => {
    expect(await readDeadLetters()).toEqual(stage.expected.dead);
    const { groups } = JSON.parse(await stage.sluice('dead-letters', 'groups', '--json'));
    const counts = (groups as { group: string; count: number }[]).map(({ group, count }) => [group, count]);
    expect(Object.fromEntries(counts)).toEqual(stage.expected.groups);
    const summary = { dead: Object.keys(stage.expected.dead).length, groups: counts.length };
    // The sweep is the old worker's: the first one deleted an expired dead letter.
    expect(await stage.read('/dead-letters/summary')).toMatchObject({ ...summary, sweep: { expiring: 0 } });
    const discarded = [...idsOf('discarded'), ...idsOf('discarded, to be restored')];
    expect(Object.keys(await readDeadLetters('&among=discarded')).toSorted()).toEqual(discarded.toSorted());
    const { pausedByItself } = stage.expected.replays;
    const replayed = await readDeadLetters(`&replay=${pausedByItself?.id}`);
    expect(Object.keys(replayed)).toHaveLength(pausedByItself?.died ?? 0);
  });

  test('lists holds, replays and audit lines', async () => {
    const { held } = JSON.parse(await stage.sluice('connections', 'paused', '--json'));
    expect(held).toMatchObject([
      { connection: 'community', by: 'operator', waiting: 4 },
      { connection: 'messages', by: 'refusals', waiting: 5 },
    ]);
    const replays = new Map((await readReplays()).map((replay) => [replay.id, replay]));
    for (const replay of Object.values(stage.expected.replays)) {
      expect(replays.get(replay.id)).toMatchObject(replay);
    }
    expect(replays.size).toBe(Object.keys(stage.expected.replays).length);
    type Line = { readonly action: string; readonly who?: string };
    const { lines = [] } = (await stage.read<{ lines: readonly Line[] }>('/audit?limit=500')) ?? {};
    const actions = lines.map(({ action, who }) => (who ? `${action} by ${who}` : action));
    expect(actions.toReversed()).toEqual(stage.expected.audit);
  });

  test('reports a webhook that the old build accepted as a duplicate when it is sent again', async () => {
    const { resends } = stage.expected;
    for (const { connection, deliveryId, headers, body } of resends) {
      const url = `${stage.ingestUrl}/webhooks/${connection}`;
      const answer = await fetch(url, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({ result: 'duplicate', deliveries: [deliveryId] });
    }
    // One is delivered, one dead, one held and one waiting.
    expect(resends).toHaveLength(4);
  });

  test('completes every delivery, and those that an operator holds after the release', async () => {
    const held = deliveries(({ connection, ends, state }) => {
      return connection === 'community' && ends === 'delivered' && state !== 'delivered';
    });
    await stage.startWorker();
    const { pausedByItself, pausedByOperator } = stage.expected.replays;
    await stage.sluice('replay', 'resume', pausedByItself?.id ?? '');
    await stage.sluice('replay', 'resume', pausedByOperator?.id ?? '');
    const edited = [...idsOf('edited'), ...idsOf('imported')];
    await stage.sluice('replay', 'run', '--id', ...edited, '--detach');
    await stage.sluice('dead-letters', 'restore', '--id', ...idsOf('discarded, to be restored'));
    const running = async () => (await readReplays()).filter(({ state }) => state === 'running');
    await vi.waitUntil(async () => (await running()).length === 1, PATIENCE);
    await vi.waitUntil(
      async () => (await pendingOf((connection) => connection !== 'community')) === 0,
      PATIENCE,
    );
    expect(await pendingOf(() => true)).toBe(held.length);
    const delivered = await stage.sandbox.delivered();
    expect(held.filter(({ id }) => delivered.has(id))).toEqual([]);

    await stage.sluice('connections', 'resume', 'community');
    await vi.waitUntil(async () => (await pendingOf(() => true)) === 0, PATIENCE);
    await vi.waitUntil(async () => (await running()).length === 0, PATIENCE);
  });

  test('creates exactly one event for each delivery to be delivered, and no others', async () => {
    const { events } = stage.expected;
    const wanted = new Set([...endingAs('delivered'), ...events.map(({ deliveryId }) => deliveryId)]);
    const delivered = await stage.sandbox.delivered();
    expect([...delivered.keys()].toSorted()).toEqual([...wanted].toSorted());
    expect(await stage.sandbox.ledger()).toMatchObject({ commits: wanted.size, doubled: {} });
    expect(wanted.size - events.length).toBeGreaterThan(50);
  });

  test('creates each event from the body of its delivery', async () => {
    const earlier = new Set(stage.expected.events.map(({ deliveryId }) => deliveryId));
    const bots = new Set((await stage.sandbox.calls()).map(({ botId }) => botId ?? ''));
    const payloads = (await Promise.all([...bots].map((bot) => payloadsOf(stage.sandbox.url, bot)))).flat();
    const created = payloads.filter(({ deliveryId }) => !earlier.has(deliveryId));
    for (const payload of created) {
      const { was, mark } = stage.expected.deliveries[payload.deliveryId] ?? {};
      expect([was, JSON.stringify(payload)]).toEqual([was, expect.stringContaining(mark ?? 'unknown')]);
    }
    expect(created.length + earlier.size).toBe(payloads.length);
  });

  test('looks up an event whose answer was lost, and creates it only if it is absent', async () => {
    const calls = async (was: string) => {
      const ids = idsOf(was);
      const found = await Promise.all(ids.map((deliveryId) => stage.sandbox.calls({ deliveryId })));
      return found.map((list) => list.map(({ status }) => status));
    };
    // An event that the old build created has one call, from the preparation of this test.
    expect(await calls('in doubt, created')).toEqual([[201], [201]]);
    expect(await calls('active, created')).toEqual([[201]]);
    expect(await calls('settling')).toEqual([[201]]);
    expect(await calls('in doubt, not created')).toEqual([[201]]);
    expect(await calls('active, not created')).toEqual([[201]]);
    expect(await stage.workerMetric('sluice_reconciliations_total{result="found"}')).toBe(3);
    expect(await stage.workerMetric('sluice_reconciliations_total{result="absent"}')).toBe(3);
  });

  test('keeps the reasons of dead letters, and ends replays with exact counters', async () => {
    const dead = deliveries(({ ends }) => ends.startsWith('dead:'));
    const reasons = dead.map(({ id, ends }) => [id, ends.slice('dead:'.length)]);
    expect(await readDeadLetters()).toEqual(Object.fromEntries(reasons));
    expect(new Set(Object.values(await readDeadLetters())).size).toBe(9);
    expect(Object.keys(await readDeadLetters('&among=discarded'))).toEqual(idsOf('discarded'));
    const replays = new Map((await readReplays()).map((replay) => [replay.id, replay]));
    const end = (name: string) => replays.get(stage.expected.replays[name]?.id ?? '');
    for (const [name, old] of Object.entries(stage.expected.replays)) {
      const { planned, died } = old;
      const ended = { state: 'done', replayed: planned, delivered: planned - died, died };
      expect([name, end(name)]).toMatchObject([name, old.state === 'cancelled' ? old : ended]);
    }
  });

  test('balances the ledger, and counts each delivery by its end', async () => {
    const ledger = JSON.parse(await stage.sluice('ledger', '--deep', '--json'));
    expect(ledger).toMatchObject({ holds: true, walk: { differences: [], moved: [] } });
    const counters = countersOf(ledger);
    for (const connection of Object.keys(stage.expected.ledger)) {
      const own = deliveries((delivery) => delivery.connection === connection);
      const ends: Record<string, number> = { accepted: own.length };
      for (const { ends: end } of own) {
        const counter = end.startsWith('dead:') ? 'dead' : end;
        ends[counter] = (ends[counter] ?? 0) + 1;
      }
      const {
        duplicates = 0,
        ignored = 0,
        reconciled = 0,
        replayed = 0,
        processed = 0,
        awaiting = 0,
        unknown = 0,
        ...counted
      } = counters[connection] ?? {};
      expect([connection, counted]).toEqual([connection, ends]);
      const before = stage.expected.ledger[connection] ?? {};
      expect([connection, unknown]).toEqual([connection, before.delivered ?? 0]);
      expect(processed + awaiting + unknown).toBe(counted.delivered ?? 0);
      const resent = stage.expected.resends.filter((resend) => resend.connection === connection).length;
      expect([duplicates, ignored]).toEqual([(before.duplicates ?? 0) + resent, before.ignored ?? 0]);
      expect(replayed).toBeGreaterThanOrEqual(before.replayed ?? 0);
      expect(reconciled).toBeGreaterThanOrEqual(before.reconciled ?? 0);
    }
    // Two events of one connection and one of another existed though their answers were lost.
    expect([counters.doubt?.reconciled, counters['busy-a']?.reconciled]).toEqual([2, 1]);
  });
});
