/** A screen, or a part of one, that comes with a tool: drawn once the tool is here. */

import type { ComponentType, JSX } from 'preact';
import { tool, type Tool } from '../tools/index.ts';
import { Opening, Trouble } from './parts.tsx';
import { useLoaded } from './tiffin.ts';

/** `isAside`: nothing of the screen waits for it, and nothing is said where it is not to be had. */
export const withTool = <Props extends object>(name: Tool, isAside = false) =>
  function WithTool(props: Props): JSX.Element | null {
    const { value, problem, again } = useLoaded(() => tool(name), [name]);
    if (isAside && !value) return null;
    if (problem) return <Trouble code={problem} again={again} />;
    const Screen = value?.Screen as ComponentType<Props> | undefined;
    return Screen ? <Screen {...props} /> : <Opening />;
  };
