import type { Connection, Group, Overview } from '../../api/answers.ts';
import { useIsOperator } from '../../api/use-me.ts';
import { Ago } from '../../parts/ago.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Figures } from '../../parts/figures.tsx';
import { formatCount, formatDuration } from '../../view/format.ts';
import { HoldButton } from './hold-button.tsx';
import { LastError } from './last-error.tsx';
import { SendTest } from './send-test.tsx';
import { SetUp } from './set-up.tsx';

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
