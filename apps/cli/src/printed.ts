/** What others wrote, on one line: it must not write on the terminal. */
export const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/** A number for people: 12,345. */
export const figure = (number: number): string => number.toLocaleString('en-US');
