"""Hubs: a Tiffin server with an upstream, such as the trainer's laptop. docs/hub.md.

At the upstream (answering)             At the hub (asking)
enrolling  hubs are added and join      upstream   the one above: asked and answered over HTTP
registry   what a hub is told           following  what it was told, written down; entries too
entries    the log, as a hub follows it grades     what the entries say that attempts are worth
adding     whom a hub enrolled          releases   published releases, fetched and verified
receiving  what else a hub brings       additions  who was enrolled here, kept to be handed on
                                        cargo      what devices sent, kept likewise
                                        uplink     one round of all this; `background` runs them

`signing` is how a hub shows who it is; `sections`, what both call the parts of the registry.

A hub is trusted to know who learns what, and to say whom it enrolled, and not to say what they did: every change,
attempt and joining that it brings carries the device's own signature, which the upstream checks as if the device stood
before it.
"""
