/** @file The scripts that teach a shell to ask `ed2lc completion SHELL -- WORD…` for what may follow, and what each wants as an answer. */
import type { Candidate } from './candidates.js';

export interface Shell {
  readonly script: string;
  /** What to do with the script, once. */
  readonly install: string;
  /** The words as commander would see them. */
  readonly words: (given: readonly string[]) => readonly string[];
  /** One line per candidate. `current`: the word being written, as the shell has it. */
  readonly answer: (found: readonly Candidate[], current: string) => readonly string[];
}

export const SHELLS = {
  bash: {
    install: "echo 'source <(ed2lc completion bash)' >> ~/.bashrc",
    // Bash breaks words at `=`: `--set rate=1` arrives as four.
    words: (given) =>
      given.reduce<string[]>((joined, word, i) => {
        const previous = given[i - 1];
        if (joined.length > 0 && (word === '=' || previous === '=')) joined.push(`${joined.pop()!}${word}`);
        else joined.push(word);
        return joined;
      }, []),
    answer: (found, current) => {
      const kept = current.lastIndexOf('=') + 1;
      return found.map(({ word }) => word.slice(kept));
    },
    script: `_ed2lc() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    printf -v line %q "$line"
    COMPREPLY+=("\${line//\\\\=/=}")
  done < <(ed2lc completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[/=] ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _ed2lc ed2lc
`,
  },
  zsh: {
    install: "echo 'source <(ed2lc completion zsh)' >> ~/.zshrc    # after compinit",
    words: (given) => given,
    answer: described,
    script: `#compdef ed2lc
_ed2lc() {
  local line word
  local -a whole whole_shown open open_shown
  for line in "\${(@f)$(ed2lc completion zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    word=\${line%%$'\\t'*}
    [[ -n $word ]] || continue
    if [[ $word == *[/=] ]]; then
      open+=("$word") open_shown+=("\${line/$'\\t'/  -- }")
    else
      whole+=("$word") whole_shown+=("\${line/$'\\t'/  -- }")
    fi
  done
  (( $#whole )) && compadd -l -d whole_shown -a whole
  (( $#open )) && compadd -S '' -d open_shown -a open
}
if [[ $funcstack[1] == _ed2lc ]]; then _ed2lc "$@"; else compdef _ed2lc ed2lc; fi
`,
  },
  fish: {
    install: 'ed2lc completion fish > ~/.config/fish/completions/ed2lc.fish',
    words: (given) => given,
    answer: described,
    script: `function __ed2lc_complete
    set -l words (commandline -opc) (commandline -ct)
    ed2lc completion fish -- $words[2..] 2>/dev/null
end
complete -c ed2lc -f -a '(__ed2lc_complete)'
`,
  },
} as const satisfies Readonly<Record<string, Shell>>;

export type ShellName = keyof typeof SHELLS;

function described(found: readonly Candidate[]): string[] {
  return found.map(({ word, about }) => (about === '' ? word : `${word}\t${about}`));
}
