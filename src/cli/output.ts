/** Where a subcommand's answer and its complaints go: the process's stdout and stderr, or a test's lists. */
export interface CliOutput {
  /** Both take one text without its final line feed. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
