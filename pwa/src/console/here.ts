/** What this server is: at a hub, marks and changes are the main server's, and these pages show what came of them. */

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

export const IsHub = createContext(false);
export const useIsHub = (): boolean => useContext(IsHub);
