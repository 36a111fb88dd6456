"""What acts in a world, as real as can be: servers and hubs on disks that fail, phones of both clients, cameras."""
