/**
 * Names and pages that the documentation uses and that are not in the tree yet. Remove an entry when it is there, and
 * this file with the last one.
 */
export const PENDING_PAGES = new Set(['docs/reference/api.md']);
