import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../../shared/hosts/embedded/options.ts';

function parse(...argv: string[]) {
  const said: string[] = [];
  const tell = (text: string) => void said.push(text);
  return { result: parseOptions(argv, { out: tell, err: tell }), said: said.join('') };
}

describe('options of npm start', () => {
  test('have defaults for a first look', () => {
    expect(parse().result).toEqual({
      port: 4000,
      data: '.intertie',
      patrons: 2000,
      activity: false,
      seed: 1,
    });
  });

  test('are all understood', () => {
    const { result } = parse(
      '--port',
      '0',
      '--data',
      'd',
      '--patrons',
      '60',
      '--activity',
      'on',
      '--seed',
      '7',
    );
    expect(result).toEqual({ port: 0, data: 'd', patrons: 60, activity: true, seed: 7 });
  });

  test.each([
    { argv: ['--port', '70000'], names: '--port' },
    { argv: ['--port', '12x'], names: '--port' },
    { argv: ['--patrons', '0'], names: '--patrons' },
    { argv: ['--patrons', '-3'], names: '--patrons' },
    { argv: ['--activity', 'sometimes'], names: '--activity' },
    { argv: ['--data', ' '], names: '--data' },
    { argv: ['--seed', '1.5'], names: '--seed' },
    { argv: ['--prot', '1'], names: '--port' },
    { argv: ['surplus'], names: 'argument' },
  ])('refuses $argv and names $names', ({ argv, names }) => {
    const { result, said } = parse(...argv);
    expect(result).toEqual({ code: 2 });
    expect(said).toContain(names);
  });

  test('help is not an error', () => {
    const { result, said } = parse('--help');
    expect(result).toEqual({ code: 0 });
    expect(said).toContain('--patrons');
  });
});
