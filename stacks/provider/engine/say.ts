/** How a resource speaks to whoever watches the run. */
/** A line below a resource's row; `note` stays until the next one. */
export interface Say {
  (kind: 'note' | 'info' | 'warning', text: string): void;
}
