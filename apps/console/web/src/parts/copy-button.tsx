import { useState } from 'react';

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
