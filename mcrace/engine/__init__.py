"""The engine: blocks of draws, executors, replicate statistics, run folders."""
