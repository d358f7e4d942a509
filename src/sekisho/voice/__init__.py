"""The voice of users: user tests, surveys, satisfaction."""
