/** A screen, or a part of one, that comes with a tool: drawn once the tool is here. */

import type { ComponentType, JSX } from 'preact';
import { tool, type Tool } from '../tools/index.ts';
import { Opening, Trouble } from './parts.tsx';
import { useLoaded } from './tiffin.ts';

export const withTool = <Props extends object>(name: Tool) =>
  function WithTool(props: Props): JSX.Element {
    const { value, problem, again } = useLoaded(() => tool(name), [name]);
    if (problem) return <Trouble code={problem} again={again} />;
    const Screen = value?.Screen as ComponentType<Props> | undefined;
    return Screen ? <Screen {...props} /> : <Opening />;
  };
