import { parseArgs } from 'node:util';
import type { Command } from '../command.ts';
import type { Shell } from './shell.ts';

/** `estover completion`: a script with which a shell completes nouns, verbs and options. */
export const completion = (shell: Shell, commands: () => readonly Command[]): Command => ({
  name: 'completion',
  summary: 'print a script with which bash or zsh completes these commands',
  help: `Usage: estover completion

Prints a script for bash and zsh, which completes nouns, verbs and options. Load it in the file that your shell reads at its
start, and again after an upgrade:

  eval "$(estover completion)"`,

  async run(words) {
    parseArgs({ args: [...words], options: {} });
    shell.out(completionScript(commands()));
    return 0;
  },
});

/** The options that a command's help names; what it takes is said there and nowhere else for all commands. */
const flagsOf = ({ help }: Command): string[] => [
  ...new Set(help.replaceAll('--[no-]', '--').match(/--[a-z][a-z-]*/g)),
  '--help',
];

function completionScript(commands: readonly Command[]): string {
  const first = new Map<string, string[]>();
  for (const { name } of commands) {
    const [noun = '', verb] = name.split(' ');
    first.set(noun, [...(first.get(noun) ?? []), ...(verb === undefined ? [] : [verb])]);
  }
  const verbs = [...first]
    .filter(([, of]) => of.length > 0)
    .map(([noun, of]) => `    ${noun}) words='${of.join(' ')}' ;;`);
  const optionsOf = (isOfNoun: boolean) =>
    commands
      .filter(({ name }) => name.includes(' ') === isOfNoun)
      .map((command) => `    '${command.name}') words='${flagsOf(command).join(' ')}' ;;`)
      .join('\n');
  return `[ -n "\${ZSH_VERSION:-}" ] && autoload -U +X bashcompinit && bashcompinit
_estover() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${[...first.keys(), 'help'].join(' ')}'
  elif [ "$COMP_CWORD" -eq 2 ] && [ "\${current#-}" = "$current" ]; then
    case "\${COMP_WORDS[1]}" in
${verbs.join('\n')}
    esac
  elif [ "\${current#-}" != "$current" ]; then
    case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${optionsOf(true)}
    *) case "\${COMP_WORDS[1]}" in
${optionsOf(false)}
    esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _estover estover`;
}
