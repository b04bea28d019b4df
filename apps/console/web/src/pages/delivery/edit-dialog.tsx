import { useMutation, useQueryClient } from '@tanstack/react-query';
import { structuredPatch } from 'diff';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { ask } from '../../api/request.ts';
import type { Delivery, EditSummary, Replay } from '../../api/types.ts';
import { countOf } from '../../model/format.ts';
import { layOut, readJson } from '../../model/json-text.ts';
import { Dialog, NoteForm } from '../../ui/dialog.tsx';
import { JsonEditor, useDryRun } from './json-editor.tsx';
import { deliveryKey } from './use-delivery.ts';

interface EditDialogProps {
  /** Revealed. */
  readonly delivery: Delivery;
  readonly onClose: () => void;
}

/** Edits the exact body of a dead letter: what is wrong is told as one types, and what changes before it is sent. */
export function EditDialog({ delivery: { id, body }, onClose }: EditDialogProps) {
  const [before] = useState(() => toLines(body?.masked === false ? body.text : ''));
  const [text, setText] = useState(before);
  const [isChecking, check] = useState(false);
  const [isWarned, warn] = useState(false);
  const dryRun = useDryRun(id, text);
  const isChanged = toLines(text) !== toLines(before);
  const close = () => {
    // One slip of the hand must not cost an hour of work.
    if (isChanged && !isWarned) warn(true);
    else onClose();
  };
  return (
    <Dialog title={isChecking ? 'What changes' : 'Edit the body'} onClose={close} wide>
      {isChecking ? (
        <ConfirmEdit
          id={id}
          before={before}
          after={toLines(text)}
          text={text}
          onBack={() => check(false)}
          onDone={onClose}
        />
      ) : (
        <>
          <p className="quiet">
            Laid out for reading; numbers and texts are to the letter. What today’s mappers make of it is
            tried as you type, and nothing is changed before you have seen the difference.
          </p>
          <JsonEditor text={text} onChange={setText} dryRun={dryRun} />
          <div className="row end">
            {isWarned && <span role="alert">Your changes are lost if you cancel again.</span>}
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button
              type="button"
              className="primary"
              disabled={!isChanged || dryRun.state !== 'fits'}
              onClick={() => check(true)}
            >
              {isChanged ? 'See what changes' : 'Nothing is changed yet'}
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** JSON with a line for each value, so that lines can be compared; whatever else as it is. */
function toLines(text: string): string {
  const reading = readJson(text);
  return reading.ok ? layOut(reading.node) : text;
}

interface ConfirmEditProps {
  readonly id: string;
  /** Both with a line for each value. */
  readonly before: string;
  readonly after: string;
  /** What is sent. */
  readonly text: string;
  readonly onBack: () => void;
  readonly onDone: () => void;
}

/** Shows what an edit changes, and asks why; then it is edited, put back, and watched. */
function ConfirmEdit({ id, before, after, text, onBack, onDone }: ConfirmEditProps) {
  const client = useQueryClient();
  const [, go] = useLocation();
  const send = useMutation({
    mutationFn: (note: string) => editAndReplay(id, text, note),
    onSuccess: (replay) => {
      void client.invalidateQueries({ queryKey: deliveryKey(id) });
      void client.invalidateQueries({ queryKey: ['dead-letters'] });
      onDone();
      go(`/replays/${replay.id}`);
    },
  });
  return (
    <NoteForm action="Edit and replay" doing={send} cancel="Back to the editor" onCancel={onBack}>
      <LineDiff before={before} after={after} />
    </NoteForm>
  );
}

async function editAndReplay(id: string, body: string, note: string): Promise<Replay> {
  const asked = { id, body, note };
  const { edited, refusals } = await ask<EditSummary>('/dead-letters/edit', { method: 'POST', body: asked });
  if (edited.length === 0)
    throw new Error(`It was not edited: ${refusals[0]?.why ?? 'it is not dead any more'}`);
  return ask<Replay>('/replays', { method: 'POST', body: { filter: { id: [id] }, note } });
}

interface LineDiffProps {
  readonly before: string;
  readonly after: string;
}

/** Lines around a change. */
const CONTEXT = 3;

/** What a line is by its first sign: the sign shown, its class, and what a reader of the screen says. */
const SIGNS: Readonly<Record<string, readonly [string, string, string]>> = {
  '+': ['+', 'added', 'added: '],
  '-': ['−', 'removed', 'removed: '],
};

/** The lines that differ, each after a sign, and some around them. */
function LineDiff({ before, after }: LineDiffProps) {
  const hunks = useMemo(
    () => structuredPatch('', '', `${before}\n`, `${after}\n`, '', '', { context: CONTEXT }).hunks,
    [before, after],
  );
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const added = lines.filter((line) => line.startsWith('+')).length;
  const removed = lines.filter((line) => line.startsWith('-')).length;
  return (
    <>
      <p>
        {countOf(added, 'line')} added (+), {countOf(removed, 'line')} removed (−).
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keys. */}
      <section className="diff" aria-label="What changes" tabIndex={0}>
        {hunks.map((hunk) => (
          <div key={hunk.newStart}>
            <p className="quiet">Line {hunk.newStart}</p>
            {hunk.lines.map((line, index) => {
              const [sign, name, spoken] = SIGNS[line[0] ?? ''] ?? ['\u00a0', 'same', ''];
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their place, and never move.
                <div key={index} className={`diff-line ${name}`}>
                  <span aria-hidden="true">{sign}</span>
                  <code>
                    {spoken && <span className="unseen">{spoken}</span>}
                    {line.slice(1)}
                  </code>
                </div>
              );
            })}
          </div>
        ))}
      </section>
    </>
  );
}
