/**
 * @file What the parser reports when it is stuck: the names of the token types it would have taken. The English is
 * made in messages.ts, which sees the tokens around the place.
 */
import type { IParserErrorMessageProvider, TokenType } from 'chevrotain';

const namesOf = (paths: readonly (readonly TokenType[])[]): string =>
  [...new Set(paths.filter((path) => path.length > 0).map((path) => path[0]!.name))].join(' ');

export const expectationProvider: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: ({ expectedPathsPerAlt }) => namesOf(expectedPathsPerAlt.flat()),
  buildEarlyExitMessage: ({ expectedIterationPaths }) => namesOf(expectedIterationPaths),
};

/** The token type names of an error's message. */
export const expectedNames = (message: string): string[] => message.split(' ').filter((name) => name !== '');
