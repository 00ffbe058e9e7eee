"""The composer: the prompt, its menus, attachments and queue."""
