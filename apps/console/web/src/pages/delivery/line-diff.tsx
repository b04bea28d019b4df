import { structuredPatch } from 'diff';
import { useMemo } from 'react';
import { countOf } from '../../view/format.ts';

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
export function LineDiff({ before, after }: LineDiffProps) {
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
