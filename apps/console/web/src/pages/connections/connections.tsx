import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { LIVE, useGroups, useIsOperator, useOverview } from '../../api/queries.ts';
import { ask } from '../../api/request.ts';
import type { Connection, Group, Overview } from '../../api/types.ts';
import { formatCount, formatDuration } from '../../model/format.ts';
import { REASONS } from '../../model/labels.ts';
import { Ago, Badge, Figures, Loading, Trouble } from '../../ui/elements.tsx';
import { useView } from '../../ui/hooks.ts';
import { Page } from '../../ui/page.tsx';
import { HoldButton, SendTest } from './connection-actions.tsx';

/** Each connection: how it stands, what it may use, and how its platform is set up. `?open=` shows one opened. */
export function Connections() {
  const { data, error } = useQuery({
    queryKey: ['connections'],
    queryFn: ({ signal }) => ask<{ connections: Connection[] }>('/connections', { signal }),
    refetchInterval: LIVE,
  });
  const groups = useGroups();
  const overview = useOverview().data;
  const { params, change } = useView();
  const open = params.get('open');
  return (
    <Page title="Connections">
      <Trouble error={error} />
      {!data && !error && <Loading />}
      {data?.connections.length === 0 && <p>The connections file has none.</p>}
      {data?.connections.map((connection) => (
        <ConnectionCard
          key={connection.id}
          connection={connection}
          use={overview?.connections.find(({ id }) => id === connection.id)}
          lastDeath={lastOf(groups.data ?? [], connection.id)}
          isOpen={connection.id === open}
          onToggle={(isOpen) => change({ open: isOpen ? connection.id : undefined }, { replace: true })}
        />
      ))}
    </Page>
  );
}

/** The cause of which a delivery of the connection died last. */
function lastOf(groups: readonly Group[], connection: string): Group | undefined {
  return groups
    .filter((group) => group.connection === connection)
    .reduce<Group | undefined>((last, group) => (last && last.last >= group.last ? last : group), undefined);
}

interface ConnectionCardProps {
  readonly connection: Connection;
  /** What comes and goes, where it is known. */
  readonly use: Overview['connections'][number] | undefined;
  /** The cause of what died last, while that is dead. */
  readonly lastDeath: Group | undefined;
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}

/** A connection: its state and use, and opened also its topics and how the platform is set up. */
export function ConnectionCard({ connection, use, lastDeath, isOpen, onToggle }: ConnectionCardProps) {
  const { id, source, hold, topics } = connection;
  const isOperator = useIsOperator();
  return (
    <section className="panel" aria-labelledby={`connection-${id}`}>
      <div className="row spread">
        <h2 id={`connection-${id}`}>
          {id} <span className="quiet">{source ?? 'not in the connections file'}</span>{' '}
          {hold ? <Badge tone="bad">held</Badge> : <Badge tone="good">open</Badge>}
        </h2>
        <div className="row">
          {isOperator && connection.samples.length > 0 && <SendTest connection={connection} />}
          {isOperator && <HoldButton connection={connection} />}
        </div>
      </div>
      {hold && <HeldSince hold={hold} />}
      {lastDeath && <LastError group={lastDeath} />}
      <Use connection={connection} use={use} />
      {source && (
        <details open={isOpen} onToggle={(event) => onToggle(event.currentTarget.open)}>
          <summary>Topics, and how to set {source} up</summary>
          <div className="columns">
            <SetUp connection={connection} />
            <div>
              <h3>Topics that become events</h3>
              <ul>
                {topics.map(({ topic, event }) => (
                  <li key={`${topic} ${event}`}>
                    <code>{topic}</code> → <code>{event}</code>
                  </li>
                ))}
              </ul>
            </div>
          </div>
        </details>
      )}
    </section>
  );
}

function HeldSince({ hold }: { readonly hold: NonNullable<Connection['hold']> }) {
  const { by, reason, since, probeAt, waiting } = hold;
  return (
    <p>
      {by === 'operator' ? 'An operator holds it' : 'Botpress refuses it'}, since <Ago at={since} />: {reason}
      . {formatCount(waiting)} wait.
      {probeAt !== undefined &&
        ` One is tried again in ${formatDuration(Math.max(0, probeAt - Date.now()))}.`}
    </p>
  );
}

function Use({ connection, use }: Pick<ConnectionCardProps, 'connection' | 'use'>) {
  const { eventsPerMinute, botId } = connection;
  const share =
    use && eventsPerMinute ? ` (${Math.round((100 * use.perMinute.events) / eventsPerMinute)} %)` : '';
  const figures = [
    ['Bot', botId ?? '–'],
    ['Events a minute', use ? formatCount(use.perMinute.events) : '–'],
    ['of at most', eventsPerMinute === null ? '–' : `${formatCount(eventsPerMinute)}${share}`],
    ['Webhooks a minute', use ? formatCount(use.perMinute.webhooks) : '–'],
    ['Waiting', use ? formatCount(use.pending) : '–'],
    ['Dead', use ? formatCount(use.dead) : '–'],
  ] as const;
  return <Figures all={figures} />;
}

/** What a delivery of the connection died of last. */
export function LastError({ group }: { readonly group: Group }) {
  const { last, death, example } = group;
  return (
    <p>
      Last error, <Ago at={last} />: {REASONS[death.reason]}, {death.message}{' '}
      <Link href={`/deliveries/${example}`}>Look at it</Link>
    </p>
  );
}

/** Where the platform has to send to, and what has to be done there. */
export function SetUp({ connection: { webhookUrl, setUp, source } }: { readonly connection: Connection }) {
  return (
    <div>
      <h3>Set {source} up</h3>
      {webhookUrl && (
        <p className="row">
          <code>{webhookUrl}</code> <CopyButton text={webhookUrl} what="the address" />
        </p>
      )}
      <ol>
        {setUp.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </div>
  );
}

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, in words: `the address`. */
  readonly what: string;
}

/** Puts a text on the clipboard, and says whether that worked. */
export function CopyButton({ text, what }: CopyButtonProps) {
  const [told, tell] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      tell('copied');
    } catch {
      tell('this browser does not let pages copy: mark it and copy it yourself');
    }
  };
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        Copy {what}
      </button>
      <span role="status" className="quiet">
        {told}
      </span>
    </>
  );
}
